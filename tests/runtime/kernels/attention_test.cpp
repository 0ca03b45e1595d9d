// Integer attention: the reference against a plain transcription in doubles, every other set against the reference.
#include "spec/formulas.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

class AttentionSets : public EveryKernelSet {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AttentionSets);
INSTANTIATE_TEST_SUITE_P(Sets, AttentionSets, ::testing::ValuesIn(names_of_fast_sets()),
                         [](const auto& test) { return test.param; });

struct Shape {
  std::size_t tokens, heads, width;
};

// Runs `set` on qkv and gives the context, [T, H*W] dense.
std::vector<std::int8_t> attend(const runtime::KernelSet& set, const Shape& shape, const Aligned<std::int8_t>& qkv,
                                std::size_t stride, float score_scale) {
  const std::size_t columns = shape.heads * shape.width;
  std::vector<std::int8_t> context(shape.tokens * columns);
  Aligned<std::byte> scratch(runtime::attention_scratch_bytes(shape.tokens, shape.width));
  for (std::size_t i = 0; i < scratch.size(); ++i) scratch[i] = std::byte{0xA5};  // kernels must not trust it
  set.attention({qkv.data(), stride, context.data(), columns, shape.tokens, shape.heads, shape.width, score_scale,
                 0.05F, 25.0F, scratch.data()});
  return context;
}

void compare(const runtime::KernelSet& set, const Shape& shape, float score_scale, bool extreme, Random& random) {
  const std::size_t stride = 3 * shape.heads * shape.width + static_cast<std::size_t>(random.integer(0, 3));
  const Aligned<std::int8_t> qkv = random_activations(random, shape.tokens, stride, extreme);
  const auto got = attend(set, shape, qkv, stride, score_scale);
  const auto want = attend(runtime::reference_kernels(), shape, qkv, stride, score_scale);
  expect_same(got.data(), want.data(), got.size(),
              std::string(set.name) + " T=" + std::to_string(shape.tokens) + " H=" + std::to_string(shape.heads) +
                  " W=" + std::to_string(shape.width) + " scale=" + std::to_string(score_scale));
}

// Softmax in doubles, exponents rounded as the numerics say. It may round an exponent or the result differently only
// where it is within 1e-5 of a tie, and a step of an exponent moves the result by far less than one step: at most 1.
TEST(ReferenceAttention, FollowsTheFormula) {
  Random random(11);
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{5, 2, 8}, Shape{40, 3, 13}}) {
    const std::size_t columns = shape.heads * shape.width, stride = 3 * columns;
    const Aligned<std::int8_t> qkv = random_activations(random, shape.tokens, stride);
    const float scale = 2e-4F;
    const auto context = attend(runtime::reference_kernels(), shape, qkv, stride, scale);
    for (std::size_t h = 0; h < shape.heads; ++h) {
      for (std::size_t i = 0; i < shape.tokens; ++i) {
        std::vector<double> weight(shape.tokens);
        double max = -1e30, denominator = 0.0;
        for (std::size_t j = 0; j < shape.tokens; ++j) {
          double dot = 0.0;
          for (std::size_t c = 0; c < shape.width; ++c) {
            dot += double{static_cast<double>(qkv[i * stride + h * shape.width + c])} *
                   static_cast<double>(qkv[j * stride + columns + h * shape.width + c]);
          }
          weight[j] = dot;
          max = std::max(max, dot);
        }
        for (double& w : weight)
          denominator += w = std::nearbyint(std::exp((w - max) * static_cast<double>(scale)) * 127.0);
        for (std::size_t c = 0; c < shape.width; ++c) {
          double mean = 0.0;
          for (std::size_t j = 0; j < shape.tokens; ++j) {
            mean += weight[j] * static_cast<double>(qkv[j * stride + 2 * columns + h * shape.width + c]);
          }
          const double y = mean / denominator * 0.05 * 25.0;
          const double want = std::min(127.0, std::max(-128.0, y));
          ASSERT_NEAR(context[i * columns + h * shape.width + c], want, 0.51) << "T=" << shape.tokens;
        }
      }
    }
  }
}

TEST_P(AttentionSets, EqualTheReferenceAtEveryLength) {
  Random random(12);
  for (std::size_t tokens = 1; tokens <= 130; ++tokens) {
    ASSERT_NO_FATAL_FAILURE(compare(set(), {tokens, 2, 32}, 3e-4F, false, random));
  }
}

TEST_P(AttentionSets, EqualTheReferenceAtEveryHeadWidth) {
  Random random(13);
  for (std::size_t width = 1; width <= 70; ++width) {
    ASSERT_NO_FATAL_FAILURE(compare(set(), {19, 3, width}, 5e-4F, false, random));
  }
  for (const std::size_t width : {128, 255, 256}) {
    ASSERT_NO_FATAL_FAILURE(compare(set(), {21, 1, width}, 1e-4F, false, random));
  }
}

// From all weights equal to one key taking everything; zero difference, underflow and an infinite product included.
TEST_P(AttentionSets, EqualTheReferenceAtEveryScale) {
  Random random(14);
  for (float scale = 1e-12F; scale < 1e30F; scale *= 1.7F) {
    ASSERT_NO_FATAL_FAILURE(compare(set(), {37, 2, 16}, scale, false, random));
  }
  ASSERT_NO_FATAL_FAILURE(compare(set(), {37, 2, 16}, 3e38F, false, random));
  ASSERT_NO_FATAL_FAILURE(compare(set(), {37, 2, 16}, 1e-44F, false, random));
}

TEST_P(AttentionSets, EqualTheReferenceWhereEveryOperandIsExtreme) {
  Random random(15);
  for (const Shape& shape : {Shape{1, 1, 256}, Shape{16, 2, 64}, Shape{67, 4, 32}, Shape{300, 1, 17}}) {
    ASSERT_NO_FATAL_FAILURE(compare(set(), shape, 1e-5F, true, random));
  }
}

// One query, two keys, values 127 and -128: the context is y = 127 * (e - 128) / (127 + e) for the second key's
// exponent e, steep enough that at k = 1 (small e) or k = 2 (large e, the rest saturated) each e gives its own integer.
TEST_P(AttentionSets, GiveEveryExponentOfTheReference) {
  Random random(16);
  Aligned<std::byte> scratch(runtime::attention_scratch_bytes(2, 1));
  for (int round = 0; round < 300; ++round) {
    const float scale = 2e-4F * (1.01F + random.unit());
    for (int key = -128; key <= 126; ++key) {
      // Rows [q | k | v]; the first key scores 127 * 127, the second 127 * key.
      const std::int8_t qkv[] = {127, 127, -128, 127, static_cast<std::int8_t>(key), 127};
      for (const float k : {1.0F, 2.0F}) {
        std::int8_t got[2], want[2];
        set().attention({qkv, 3, got, 1, 2, 1, 1, scale, 1.0F, k, scratch.data()});
        reference().attention({qkv, 3, want, 1, 2, 1, 1, scale, 1.0F, k, scratch.data()});
        ASSERT_EQ(int{got[0]}, int{want[0]}) << "difference " << 127 * (key - 127) << ", scale " << scale;
      }
    }
  }
}

TEST_P(AttentionSets, SomeQueriesGetTheContextThatTheyGetAmongAll) {
  Random random(18);
  for (const Shape& shape : {Shape{1, 1, 8}, Shape{40, 2, 16}, Shape{70, 3, 13}}) {
    const std::size_t columns = shape.heads * shape.width, stride = 3 * columns;
    const Aligned<std::int8_t> qkv = random_activations(random, shape.tokens, stride);
    const auto want = attend(runtime::reference_kernels(), shape, qkv, stride, 3e-4F);
    Aligned<std::byte> scratch(runtime::attention_scratch_bytes(shape.tokens, shape.width));
    for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, 1},
                                     {0, shape.tokens / 2 + 1},
                                     {shape.tokens / 3, shape.tokens},
                                     {shape.tokens - 1, shape.tokens}}) {
      std::vector<std::int8_t> got((end - begin) * columns);
      set().attention({qkv.data(), stride, got.data(), columns, shape.tokens, shape.heads, shape.width, 3e-4F, 0.05F,
                       25.0F, scratch.data(), begin, end});
      ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data() + begin * columns, got.size(), "some queries"));
    }
  }
}

// All equal: every score is the maximum, sums are as large as they get.
TEST_P(AttentionSets, EqualTheReferenceWhenAllScoresTie) {
  for (const int value : {-128, 0, 127}) {
    const Shape shape{1000, 1, 32};
    Aligned<std::int8_t> qkv(shape.tokens * 96);
    for (std::size_t i = 0; i < qkv.size(); ++i) qkv[i] = static_cast<std::int8_t>(value);
    const auto got = attend(set(), shape, qkv, 96, 0.01F);
    const auto want = attend(runtime::reference_kernels(), shape, qkv, 96, 0.01F);
    ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), got.size(), "ties"));
  }
}

}  // namespace
}  // namespace noggin::testing
