// Linear layers with int4 weights: the reference against a naive product, every other set against the reference.
#include "spec/model_config.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

class Int4LinearSets : public EveryKernelSet {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Int4LinearSets);
INSTANTIATE_TEST_SUITE_P(Sets, Int4LinearSets, ::testing::ValuesIn(names_of_fast_sets()),
                         [](const auto& test) { return test.param; });

constexpr std::size_t kRowCounts[] = {1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 16, 17, 25, 50};
struct Shape {
  std::uint32_t outputs, inputs, group;
};
constexpr Shape kShapes[] = {{1, 32, 32},   {15, 32, 32},   {16, 64, 64},  {17, 96, 32},    {31, 128, 128},
                             {64, 128, 64}, {70, 256, 128}, {33, 320, 64}, {130, 384, 128}, {48, 1536, 32}};

struct Int4Case {
  Shape shape;
  std::vector<std::int8_t> weights, steps;  // [N, K], [N, K / group]
  std::vector<std::int32_t> bias;
  std::vector<float> scale;
  runtime::PackedLinear packed;
};

// extreme: only the ends of every range.
Int4Case random_int4(Random& random, const Shape& shape, bool extreme = false) {
  Int4Case c{shape, {}, {}, {}, {}, {}};
  const auto pick = [&](std::int8_t low, std::int8_t high) {
    return extreme ? (random.integer(0, 1) != 0 ? high : low) : random.byte(low, high);
  };
  for (std::uint32_t i = 0; i < shape.outputs * shape.inputs; ++i) c.weights.push_back(pick(-8, 7));
  for (std::uint32_t i = 0; i < shape.outputs * (shape.inputs / shape.group); ++i) c.steps.push_back(pick(1, 127));
  for (std::uint32_t n = 0; n < shape.outputs; ++n) {
    c.bias.push_back(extreme ? (n % 2 == 0 ? 8388608 : -8388608) : random.integer(-20000, 20000));
    c.scale.push_back(1e-5F * (1.5F + random.unit()));
  }
  c.packed = runtime::pack_int4_linear(c.weights.data(), c.steps.data(), c.bias.data(), c.scale.data(), shape.outputs,
                                       shape.inputs, shape.group);
  return c;
}

std::int64_t naive_sum(const Int4Case& c, const std::int8_t* a, std::size_t n) {
  std::int64_t sum = c.bias[n];
  for (std::size_t k = 0; k < c.shape.inputs; ++k) {
    const std::int64_t step = c.steps[n * (c.shape.inputs / c.shape.group) + k / c.shape.group];
    sum += step * c.weights[n * c.shape.inputs + k] * a[k];
  }
  return sum;
}

TEST(ReferenceInt4Linear, EqualsANaiveProductInSixtyFourBits) {
  Random random(51);
  for (const Shape& shape : kShapes) {
    const Int4Case c = random_int4(random, shape);
    const std::size_t rows = 3;
    const Aligned<std::int8_t> a = random_activations(random, rows, shape.inputs);
    std::vector<float> y(rows * shape.outputs);
    runtime::reference_kernels().linear(c.packed.view(), a.data(), shape.inputs, rows, y.data());
    for (std::size_t m = 0; m < rows; ++m) {
      for (std::size_t n = 0; n < shape.outputs; ++n) {
        const auto want = static_cast<float>(naive_sum(c, a.data() + m * shape.inputs, n)) * c.scale[n];
        ASSERT_TRUE(same_bits(y[m * shape.outputs + n], want)) << "N=" << shape.outputs << " K=" << shape.inputs;
      }
    }
  }
}

void compare(const runtime::KernelSet& set, const Int4Case& c, std::size_t rows, bool extreme, Random& random) {
  const std::string what = std::string(set.name) + " N=" + std::to_string(c.shape.outputs) +
                           " K=" + std::to_string(c.shape.inputs) + " group=" + std::to_string(c.shape.group) +
                           " rows=" + std::to_string(rows);
  const std::size_t N = c.shape.outputs, stride = c.shape.inputs + 64, out_stride = spec::padded_outputs(N);
  const Aligned<std::int8_t> a = random_activations(random, rows, stride, extreme);
  Aligned<float> got(rows * N), want(rows * N), inverse(out_stride);
  set.linear(c.packed.view(), a.data(), stride, rows, got.data());
  runtime::reference_kernels().linear(c.packed.view(), a.data(), stride, rows, want.data());
  expect_same(got.data(), want.data(), got.size(), what);

  for (std::size_t n = 0; n < out_stride; ++n) inverse[n] = 20.0F * (1.5F + random.unit());
  Aligned<std::int8_t> table(256), out(rows * out_stride), expected(rows * out_stride);
  for (std::size_t i = 0; i < 256; ++i) table[i] = random.byte(-128, 127);
  set.linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), table.data(), out.data(), out_stride);
  runtime::reference_kernels().linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), table.data(),
                                                expected.data(), out_stride);
  for (std::size_t row = 0; row < rows; ++row) {
    expect_same(out.data() + row * out_stride, expected.data() + row * out_stride, N, what + " int8");
  }
}

TEST_P(Int4LinearSets, EqualTheReferenceOnEveryShapeAndRowCount) {
  Random random(52);
  for (const Shape& shape : kShapes) {
    const Int4Case c = random_int4(random, shape);
    for (const std::size_t rows : kRowCounts) ASSERT_NO_FATAL_FAILURE(compare(set(), c, rows, false, random));
  }
}

TEST_P(Int4LinearSets, EqualTheReferenceWhereEveryProductIsExtreme) {
  Random random(53);
  for (const Shape& shape : {Shape{16, 32, 32}, Shape{33, 256, 128}, Shape{70, 4096, 64}}) {
    const Int4Case c = random_int4(random, shape, true);
    for (const std::size_t rows : {1, 6, 13}) ASSERT_NO_FATAL_FAILURE(compare(set(), c, rows, true, random));
  }
}

// All products of one sign at the most inputs: the bound that keeps every sum in 32 bits.
TEST_P(Int4LinearSets, AreExactAtTheLargestSums) {
  constexpr std::uint32_t kOutputs = 20, kInputs = spec::kMaxInt4Inputs;
  for (const std::uint32_t group : {32U, 128U}) {
    for (const int activation : {-128, 127}) {
      for (const int weight : {-8, 7}) {
        const bool positive = activation * weight > 0;
        Int4Case c{{kOutputs, kInputs, group},
                   std::vector<std::int8_t>(std::size_t{kOutputs} * kInputs, static_cast<std::int8_t>(weight)),
                   std::vector<std::int8_t>(kOutputs * (kInputs / group), 127),
                   std::vector<std::int32_t>(kOutputs, positive ? 8388608 : -8388608),
                   std::vector<float>(kOutputs, 1.0F),
                   {}};
        c.packed = runtime::pack_int4_linear(c.weights.data(), c.steps.data(), c.bias.data(), c.scale.data(), kOutputs,
                                             kInputs, group);
        const std::size_t rows = 13;
        Aligned<std::int8_t> a(rows * kInputs);
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::int8_t>(activation);
        std::vector<float> y(rows * kOutputs);
        set().linear(c.packed.view(), a.data(), kInputs, rows, y.data());
        const std::int64_t sum = naive_sum(c, a.data(), 0);
        ASSERT_LT(std::abs(sum), std::int64_t{1} << 31);
        for (const float value : y) ASSERT_TRUE(same_bits(value, static_cast<float>(sum))) << value << " not " << sum;
      }
    }
  }
}

TEST(PackInt4Linear, PutsEveryWeightAndStepWhereTheLayoutSays) {
  Random random(54);
  for (const Shape& shape : kShapes) {
    const Int4Case c = random_int4(random, shape);
    const spec::LinearView view = c.packed.view();
    const std::size_t groups = shape.inputs / shape.group;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view.panels) % spec::kTensorAlignment, 0U);
    for (std::size_t n = 0; n < spec::padded_outputs(shape.outputs); ++n) {
      const bool real = n < shape.outputs;
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < shape.inputs; ++k) {
        const int want = real ? c.weights[n * shape.inputs + k] : 0;
        const int byte = view.panels[(n / 16 * (shape.inputs / 8) + k / 8) * 64 + n % 16 * 4 + k % 4];
        ASSERT_EQ(k % 8 < 4 ? (byte << 28) >> 28 : byte >> 4, want) << "n=" << n << " k=" << k;
        ASSERT_EQ(view.int4_weight(n, k), want);
        if (real) sum += want * c.steps[n * groups + k / shape.group];
      }
      for (std::size_t g = 0; g < groups; ++g) {
        ASSERT_EQ(view.steps[(n / 16 * groups + g) * 16 + n % 16], real ? c.steps[n * groups + g] : 0);
      }
      EXPECT_EQ(view.columns[n].bias_minus_offset, (real ? c.bias[n] : 0) - 128 * sum);
    }
  }
}

}  // namespace
}  // namespace noggin::testing
