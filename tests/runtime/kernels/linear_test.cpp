// Linear layers: the reference against a naive product, every other set against the reference.
#include "spec/quant.h"
#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

class LinearSets : public EveryKernelSet {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LinearSets);
INSTANTIATE_TEST_SUITE_P(Sets, LinearSets, ::testing::ValuesIn(names_of_fast_sets()),
                         [](const auto& test) { return test.param; });

constexpr std::size_t kRowCounts[] = {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 16, 17, 33, 50};
struct Shape {
  std::uint32_t outputs, inputs;
};
constexpr Shape kShapes[] = {{1, 1},     {1, 128},  {2, 3},     {15, 7},   {16, 8},    {17, 9},   {31, 40}, {33, 64},
                             {48, 100},  {63, 65},  {64, 64},   {65, 129}, {80, 24},   {96, 96},  {112, 5}, {128, 384},
                             {151, 128}, {129, 31}, {384, 128}, {7, 1031}, {130, 512}, {70, 200}, {49, 136}};

void compare(const runtime::KernelSet& set, const LinearCase& c, std::size_t rows, bool extreme, Random& random) {
  const std::string what = std::string(set.name) + " N=" + std::to_string(c.outputs) +
                           " K=" + std::to_string(c.inputs) + " rows=" + std::to_string(rows);
  const std::size_t stride = spec::padded_inputs(c.inputs);
  const Aligned<std::int8_t> a = random_activations(random, rows, stride, extreme);
  Aligned<float> got(rows * c.outputs), want(rows * c.outputs);
  set.linear(c.packed.view(), a.data(), stride, rows, got.data());
  runtime::reference_kernels().linear(c.packed.view(), a.data(), stride, rows, want.data());
  expect_same(got.data(), want.data(), got.size(), what);

  const std::size_t out_stride = spec::padded_outputs(c.outputs);
  Aligned<float> inverse(out_stride);
  for (std::size_t n = 0; n < out_stride; ++n) inverse[n] = 20.0F * (1.5F + random.unit());
  Aligned<std::int8_t> table(256), out(rows * out_stride), expected(rows * out_stride);
  for (std::size_t i = 0; i < 256; ++i) table[i] = random.byte(-128, 127);
  for (const std::int8_t* lookup :
       {static_cast<const std::int8_t*>(nullptr), static_cast<const std::int8_t*>(table.data())}) {
    set.linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), lookup, out.data(), out_stride);
    runtime::reference_kernels().linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), lookup,
                                                  expected.data(), out_stride);
    for (std::size_t row = 0; row < rows; ++row) {
      expect_same(out.data() + row * out_stride, expected.data() + row * out_stride, c.outputs, what + " int8");
    }
  }
}

TEST(ReferenceLinear, EqualsANaiveProductInSixtyFourBits) {
  Random random(1);
  for (const Shape& shape : kShapes) {
    const LinearCase c = random_linear(random, shape.outputs, shape.inputs);
    const std::size_t stride = spec::padded_inputs(c.inputs), rows = 3;
    const Aligned<std::int8_t> a = random_activations(random, rows, stride);
    std::vector<float> y(rows * c.outputs);
    runtime::reference_kernels().linear(c.packed.view(), a.data(), stride, rows, y.data());
    for (std::size_t m = 0; m < rows; ++m) {
      for (std::size_t n = 0; n < c.outputs; ++n) {
        std::int64_t sum = c.bias[n];
        for (std::size_t k = 0; k < c.inputs; ++k) sum += std::int64_t{a[m * stride + k]} * c.weights[n * c.inputs + k];
        ASSERT_TRUE(same_bits(y[m * c.outputs + n], static_cast<float>(sum) * c.scale[n]))
            << "N=" << c.outputs << " K=" << c.inputs << " m=" << m << " n=" << n;
      }
    }
  }
}

TEST(ReferenceLinear, QuantizesItsOwnFloatOutputAndLooksItUp) {
  Random random(2);
  const LinearCase c = random_linear(random, 37, 21);
  const std::size_t stride = spec::padded_inputs(c.inputs), out_stride = spec::padded_outputs(c.outputs), rows = 5;
  const Aligned<std::int8_t> a = random_activations(random, rows, stride);
  std::vector<float> y(rows * c.outputs), inverse(out_stride, 30.0F);
  std::vector<std::int8_t> plain(rows * out_stride), looked_up(rows * out_stride), table(256);
  for (std::size_t i = 0; i < 256; ++i) table[i] = static_cast<std::int8_t>(127 - static_cast<int>(i));  // q -> -1 - q
  const runtime::KernelSet& set = runtime::reference_kernels();
  set.linear(c.packed.view(), a.data(), stride, rows, y.data());
  set.linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), nullptr, plain.data(), out_stride);
  set.linear_quantized(c.packed.view(), a.data(), stride, rows, inverse.data(), table.data(), looked_up.data(),
                       out_stride);
  for (std::size_t m = 0; m < rows; ++m) {
    for (std::size_t n = 0; n < c.outputs; ++n) {
      const int q = spec::quantize_activation(y[m * c.outputs + n], 30.0F);
      ASSERT_EQ(plain[m * out_stride + n], q);
      ASSERT_EQ(looked_up[m * out_stride + n], -1 - q);
    }
  }
}

TEST_P(LinearSets, EqualTheReferenceOnEveryShapeAndRowCount) {
  Random random(3);
  for (const Shape& shape : kShapes) {
    const LinearCase c = random_linear(random, shape.outputs, shape.inputs);
    for (const std::size_t rows : kRowCounts) ASSERT_NO_FATAL_FAILURE(compare(set(), c, rows, false, random));
  }
}

TEST_P(LinearSets, EqualTheReferenceWhereEveryProductIsExtreme) {
  Random random(4);
  for (const Shape& shape : {Shape{16, 8}, Shape{33, 128}, Shape{70, 4096}}) {
    const LinearCase c = random_linear(random, shape.outputs, shape.inputs, true);
    for (const std::size_t rows : {1, 6, 9}) ASSERT_NO_FATAL_FAILURE(compare(set(), c, rows, true, random));
  }
}

// All products of one sign: the largest sums, and the pairs that a saturating 16-bit product would clamp.
TEST_P(LinearSets, EqualTheReferenceAtTheLargestSums) {
  Random random(5);
  constexpr std::uint32_t kOutputs = 20, kInputs = 32768;
  for (const int activation : {-128, 127}) {
    for (const int weight : {-127, 127}) {
      const std::vector<std::int8_t> weights(std::size_t{kOutputs} * kInputs, static_cast<std::int8_t>(weight));
      const std::int32_t bias_value = activation * weight > 0 ? 8388608 : -8388608;
      const std::vector<std::int32_t> bias(kOutputs, bias_value);
      const std::vector<float> scale(kOutputs, 1.0F);
      const runtime::PackedLinear packed =
          runtime::pack_linear(weights.data(), bias.data(), scale.data(), kOutputs, kInputs);
      Aligned<std::int8_t> a(kInputs);
      for (std::size_t k = 0; k < kInputs; ++k) a[k] = static_cast<std::int8_t>(activation);
      std::vector<float> y(kOutputs);
      set().linear(packed.view(), a.data(), kInputs, 1, y.data());
      const auto want = static_cast<float>(std::int64_t{activation} * weight * kInputs + bias_value);
      for (const float value : y) ASSERT_TRUE(same_bits(value, want)) << value << " instead of " << want;
    }
  }
}

}  // namespace
}  // namespace noggin::testing
