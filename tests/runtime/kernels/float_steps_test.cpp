// Embedding, LayerNorm, pooling and quantization: the reference against the stated order of operations, every other set
// against the reference.
#include "spec/quant.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

class FloatSets : public EveryKernelSet {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FloatSets);
INSTANTIATE_TEST_SUITE_P(Sets, FloatSets, ::testing::ValuesIn(names_of_fast_sets()),
                         [](const auto& test) { return test.param; });

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> random_floats(Random& random, std::size_t count, float magnitude) {
  std::vector<float> values(count);
  for (float& value : values) value = magnitude * random.unit();
  return values;
}

// ---- quantize ----

struct Golden {
  float x, inverse_scale;
  int q;
};
constexpr Golden kGolden[] = {{0.0F, 1.0F, 0},
                              {-0.0F, 1.0F, 0},
                              {0.5F, 1.0F, 0},
                              {1.5F, 1.0F, 2},
                              {2.5F, 1.0F, 2},
                              {-0.5F, 1.0F, 0},
                              {-1.5F, 1.0F, -2},
                              {-2.5F, 1.0F, -2},
                              {0.50000006F, 1.0F, 1},
                              {126.5F, 1.0F, 126},
                              {126.50001F, 1.0F, 127},
                              {127.5F, 1.0F, 127},
                              {1e30F, 1.0F, 127},
                              {-127.5F, 1.0F, -128},
                              {-128.5F, 1.0F, -128},
                              {-1e30F, 1.0F, -128},
                              {kInfinity, 1.0F, 127},
                              {-kInfinity, 1.0F, -128},
                              {kNaN, 1.0F, -128},
                              {-kNaN, 1.0F, -128},
                              {1e-40F, 1.0F, 0},
                              {1e-40F, 1e38F, 0},
                              {3e38F, 3e38F, 127},
                              {0.0F, kInfinity, -128},
                              {1e-45F, 3.4e38F, 0},
                              // The rule is x * (1/s). Dividing by s would give 93, 84, -62 and -119.
                              {0.614040315F, 1.0F / 0.00656727655F, 94},
                              {0.139674768F, 1.0F / 0.00167275174F, 83},
                              {-0.573777139F, 1.0F / 0.00918043405F, -63},
                              {-0.238111883F, 1.0F / 0.00199256814F, -120}};

TEST(ReferenceQuantize, GoldenVectors) {
  for (const Golden& golden : kGolden) {
    std::int8_t q = 99;
    runtime::reference_kernels().quantize(&golden.x, 1, golden.inverse_scale, &q);
    EXPECT_EQ(int{q}, golden.q) << golden.x << " * " << golden.inverse_scale;
  }
}

TEST_P(FloatSets, QuantizeGivesTheGoldenVectors) {
  for (const Golden& golden : kGolden) {
    for (const std::size_t count : {1, 16, 19}) {
      const std::vector<float> x(count, golden.x);
      std::vector<std::int8_t> q(count, 99);
      set().quantize(x.data(), count, golden.inverse_scale, q.data());
      for (const std::int8_t value : q) ASSERT_EQ(int{value}, golden.q) << golden.x << " * " << golden.inverse_scale;
    }
  }
}

TEST_P(FloatSets, QuantizeEqualsTheReferenceOnAnyBits) {
  Random random(21);
  for (std::size_t count = 1; count <= 70; ++count) {
    std::vector<float> x(count);
    for (float& value : x) value = random.any_bits();
    for (const float inverse : {1.0F, 37.3F, 1e-20F, 1e20F}) {
      std::vector<std::int8_t> got(count), want(count);
      set().quantize(x.data(), count, inverse, got.data());
      reference().quantize(x.data(), count, inverse, want.data());
      ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), count, "quantize"));
    }
  }
}

// Every tie and its two neighbours.
TEST_P(FloatSets, QuantizeRoundsTiesToEven) {
  std::vector<float> x;
  for (int n = -260; n <= 260; ++n) {
    const float tie = static_cast<float>(n) * 0.5F;
    x.insert(x.end(), {std::nextafterf(tie, -1e9F), tie, std::nextafterf(tie, 1e9F)});
  }
  std::vector<std::int8_t> got(x.size());
  set().quantize(x.data(), x.size(), 1.0F, got.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float bounded = std::fmin(std::fmax(x[i], -128.0F), 127.0F);
    ASSERT_EQ(int{got[i]}, static_cast<int>(std::nearbyint(bounded))) << x[i];
  }
}

// ---- add_layer_norm ----

// The rule of NUMERICS.md once more, written differently from reference.cpp.
std::vector<float> layer_norm_by_the_rule(std::vector<float> x, const std::vector<float>& gamma,
                                          const std::vector<float>& beta, float epsilon) {
  const auto row_sum = [](const std::vector<float>& values) {
    volatile float partial[16] = {};
    for (std::size_t i = 0; i < values.size(); ++i) partial[i & 15] = partial[i & 15] + values[i];
    const auto eight = [&](int i) { return partial[i] + partial[i + 8]; };
    const auto four = [&](int i) { return eight(i) + eight(i + 4); };
    const auto two = [&](int i) { return four(i) + four(i + 2); };
    return two(0) + two(1);
  };
  const auto count = static_cast<float>(x.size());
  const float mean = row_sum(x) / count;
  std::vector<float> squares;
  for (const float value : x) squares.push_back((value - mean) * (value - mean));
  const float inverse = 1.0F / std::sqrt(row_sum(squares) / count + epsilon);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = ((x[i] - mean) * inverse) * gamma[i] + beta[i];
  return x;
}

TEST(ReferenceLayerNorm, FollowsTheRule) {
  Random random(22);
  for (std::size_t width = 1; width <= 80; ++width) {
    const auto x = random_floats(random, width, 3.0F), residual = random_floats(random, width, 2.0F);
    const auto gamma = random_floats(random, width, 1.0F), beta = random_floats(random, width, 1.0F);
    std::vector<float> sum = x, got = x;
    for (std::size_t i = 0; i < width; ++i) sum[i] += residual[i];
    const auto want = layer_norm_by_the_rule(sum, gamma, beta, 1e-12F);
    runtime::reference_kernels().add_layer_norm(got.data(), residual.data(), 1, width, gamma.data(), beta.data(),
                                                1e-12F, 0.0F, nullptr, 0);
    ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), width, "width " + std::to_string(width)));
  }
}

struct NormInput {
  std::vector<float> x, residual, gamma, beta;
};

void compare_norm(const runtime::KernelSet& set, const NormInput& in, std::size_t rows, std::size_t width) {
  for (const bool with_residual : {false, true}) {
    for (const bool with_quantized : {false, true}) {
      const std::size_t stride = spec::padded_inputs(width);
      std::vector<float> got = in.x, want = in.x;
      std::vector<std::int8_t> q(rows * stride), q_want(rows * stride);
      const float* residual = with_residual ? in.residual.data() : nullptr;
      set.add_layer_norm(got.data(), residual, rows, width, in.gamma.data(), in.beta.data(), 1e-12F, 31.0F,
                         with_quantized ? q.data() : nullptr, stride);
      runtime::reference_kernels().add_layer_norm(want.data(), residual, rows, width, in.gamma.data(), in.beta.data(),
                                                  1e-12F, 31.0F, with_quantized ? q_want.data() : nullptr, stride);
      const std::string what = std::string(set.name) + " width " + std::to_string(width);
      ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), got.size(), what));
      ASSERT_NO_FATAL_FAILURE(expect_same(q.data(), q_want.data(), q.size(), what + " int8"));
    }
  }
}

TEST_P(FloatSets, LayerNormEqualsTheReferenceAtEveryWidth) {
  Random random(23);
  for (std::size_t width = 1; width <= 130; ++width) {
    for (const float magnitude : {1e-30F, 1.0F, 1e20F}) {
      const std::size_t rows = width % 3 + 1;
      const NormInput in{random_floats(random, rows * width, magnitude), random_floats(random, rows * width, magnitude),
                         random_floats(random, width, 2.0F), random_floats(random, width, 1.0F)};
      ASSERT_NO_FATAL_FAILURE(compare_norm(set(), in, rows, width));
    }
  }
}

// Zero rows, constant rows, subnormals, infinities, NaN and any bit pattern at all.
TEST_P(FloatSets, LayerNormEqualsTheReferenceOnHostileRows) {
  Random random(24);
  for (const std::size_t width : {1, 15, 16, 17, 48, 61, 128}) {
    for (const float value : {0.0F, -0.0F, 5.0F, 1e-45F, 1e-39F, 3.4e38F, kInfinity, kNaN}) {
      const NormInput in{std::vector<float>(width, value), random_floats(random, width, 1e-39F),
                         random_floats(random, width, 2.0F), random_floats(random, width, 1.0F)};
      ASSERT_NO_FATAL_FAILURE(compare_norm(set(), in, 1, width));
    }
    for (int round = 0; round < 20; ++round) {
      NormInput in{std::vector<float>(width), std::vector<float>(width), random_floats(random, width, 2.0F),
                   random_floats(random, width, 1.0F)};
      for (std::size_t i = 0; i < width; ++i) in.x[i] = random.any_bits(), in.residual[i] = random.any_bits();
      ASSERT_NO_FATAL_FAILURE(compare_norm(set(), in, 1, width));
    }
  }
}

// ---- embed and mean_pool ----

TEST(ReferenceEmbed, AddsTwoScaledRows) {
  const std::int8_t word[] = {1, 2, -128, 127}, position[] = {3, -4};
  const float word_scale[] = {0.1F, 0.3F}, position_scale[] = {0.7F};
  const std::uint32_t ids[] = {1};
  float x[2];
  runtime::reference_kernels().embed({word, word_scale, 2, 2}, {position, position_scale, 1, 2}, ids, 1, x);
  const float first = -128.0F * 0.3F, second = 3.0F * 0.7F;
  EXPECT_EQ(x[0], first + second);
  const float third = 127.0F * 0.3F, fourth = -4.0F * 0.7F;
  EXPECT_EQ(x[1], third + fourth);
}

TEST_P(FloatSets, EmbedEqualsTheReference) {
  Random random(25);
  for (std::size_t width = 1; width <= 70; ++width) {
    constexpr std::uint32_t kWords = 9, kPositions = 5;
    const auto columns = static_cast<std::uint32_t>(width);
    const auto words = random_activations(random, kWords, width),
               positions = random_activations(random, kPositions, width);
    const auto word_scales = random_floats(random, kWords, 0.1F),
               position_scales = random_floats(random, kPositions, 0.1F);
    const std::uint32_t ids[kPositions] = {8, 0, 3, 8, 7};
    std::vector<float> got(kPositions * width), want(kPositions * width);
    const spec::EmbeddingView word{words.data(), word_scales.data(), kWords, columns};
    const spec::EmbeddingView position{positions.data(), position_scales.data(), kPositions, columns};
    set().embed(word, position, ids, kPositions, got.data());
    reference().embed(word, position, ids, kPositions, want.data());
    ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), got.size(), "embed"));
  }
}

TEST_P(FloatSets, EmbedOfInt4WordsEqualsTheReference) {
  Random random(27);
  for (std::size_t width = 1; width <= 70; ++width) {
    constexpr std::uint32_t kWords = 9, kPositions = 5;
    const auto columns = static_cast<std::uint32_t>(width);
    const std::size_t row_bytes = spec::packed_bytes(spec::WeightType::kInt4, width);
    // Exactly as large as the table: a sanitizer sees a read beyond it.
    const auto words = random_activations(random, kWords, row_bytes),
               positions = random_activations(random, kPositions, width);
    const auto word_scales = random_floats(random, kWords, 0.1F),
               position_scales = random_floats(random, kPositions, 0.1F);
    const std::uint32_t ids[kPositions] = {8, 0, 3, 8, 7};
    std::vector<float> got(kPositions * width), want(kPositions * width);
    const spec::EmbeddingView word{words.data(), word_scales.data(), kWords, columns, spec::WeightType::kInt4};
    const spec::EmbeddingView position{positions.data(), position_scales.data(), kPositions, columns};
    set().embed(word, position, ids, kPositions, got.data());
    reference().embed(word, position, ids, kPositions, want.data());
    ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), got.size(), "embed"));
  }
}

TEST_P(FloatSets, MeanPoolEqualsTheReference) {
  Random random(26);
  for (std::size_t width = 1; width <= 70; ++width) {
    for (const std::size_t tokens : {1, 2, 3, 17, 130}) {
      const auto x = random_floats(random, tokens * width, 4.0F);
      std::vector<float> got(width), want(width);
      set().mean_pool(x.data(), tokens, width, got.data());
      reference().mean_pool(x.data(), tokens, width, want.data());
      ASSERT_NO_FATAL_FAILURE(expect_same(got.data(), want.data(), width, "mean_pool"));
    }
  }
}

TEST(ReferenceMeanPool, AddsInTokenOrderThenDivides) {
  const float x[] = {1e8F, 1.0F, -1e8F, 1.0F};  // in this order 1e8 swallows the first 1
  float mean = 0.0F;
  runtime::reference_kernels().mean_pool(x, 4, 1, &mean);
  EXPECT_EQ(mean, 0.25F);
}

}  // namespace
}  // namespace noggin::testing
