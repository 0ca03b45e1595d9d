// Packing: every weight where layout.h says, everything else zero, columns as stated.
#include "kernels/pack.h"

#include <gtest/gtest.h>

#include "tests/support/kernel_cases.h"

namespace noggin::testing {
namespace {

TEST(PackLinear, PutsEveryWeightWhereTheLayoutSaysAndZeroElsewhere) {
  Random random(31);
  for (const auto& [outputs, inputs] : {std::pair{1U, 1U}, {5U, 3U}, {16U, 8U}, {17U, 9U}, {40U, 33U}}) {
    const LinearCase c = random_linear(random, outputs, inputs);
    const spec::LinearView view = c.packed.view();
    EXPECT_EQ(view.outputs, outputs);
    EXPECT_EQ(view.inputs, inputs);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view.panels) % spec::kTensorAlignment, 0U);
    const std::size_t inputs_padded = (inputs + 7) / 8 * 8, outputs_padded = (outputs + 15) / 16 * 16;
    for (std::size_t n = 0; n < outputs_padded; ++n) {
      for (std::size_t k = 0; k < inputs_padded; ++k) {
        const int want = n < outputs && k < inputs ? c.weights[n * inputs + k] : 0;
        ASSERT_EQ(view.panels[((n / 16) * (inputs_padded / 4) + k / 4) * 64 + (n % 16) * 4 + k % 4], want)
            << "n=" << n << " k=" << k;
      }
    }
  }
}

TEST(PackLinear, FillsColumns) {
  Random random(32);
  const LinearCase c = random_linear(random, 19, 11);
  const spec::LinearView view = c.packed.view();
  for (std::size_t n = 0; n < 32; ++n) {
    std::int32_t weight_sum = 0;
    for (std::size_t k = 0; n < 19 && k < 11; ++k) weight_sum += c.weights[n * 11 + k];
    const std::int32_t bias = n < 19 ? c.bias[n] : 0;
    EXPECT_EQ(view.columns[n].bias, bias);
    EXPECT_EQ(view.columns[n].bias_minus_offset, bias - 128 * weight_sum);
    EXPECT_EQ(view.columns[n].scale, n < 19 ? c.scale[n] : 1.0F);
  }
}

TEST(PackLinear, ViewSurvivesAMove) {
  Random random(33);
  LinearCase c = random_linear(random, 20, 20);
  const std::vector<std::int8_t> before(c.packed.view().panels, c.packed.view().panels + 32 * 24);
  const runtime::PackedLinear moved = std::move(c.packed);
  EXPECT_EQ(before, std::vector<std::int8_t>(moved.view().panels, moved.view().panels + 32 * 24));
}

}  // namespace
}  // namespace noggin::testing
