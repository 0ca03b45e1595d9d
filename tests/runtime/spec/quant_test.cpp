// Rounding, scales and biases: golden vectors of spec/quant.h.
#include "spec/quant.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace noggin::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(RoundHalfEven, AgreesWithTheCurrentRoundingModeOnEveryQuarter) {
  for (int n = -600; n <= 600; ++n) {
    const float x = static_cast<float>(n) * 0.25F;
    EXPECT_EQ(spec::round_half_even(x), std::nearbyintf(x)) << x;
  }
  EXPECT_EQ(spec::round_half_even(4194303.5F), 4194304.0F);
  EXPECT_EQ(spec::round_half_even(-4194302.5F), -4194302.0F);
}

TEST(QuantizeActivation, ClampsBeforeItRoundsAndSendsNaNLow) {
  EXPECT_EQ(spec::quantize_activation(127.5F, 1.0F), 127);
  EXPECT_EQ(spec::quantize_activation(-128.5F, 1.0F), -128);
  EXPECT_EQ(spec::quantize_activation(kInfinity, 1.0F), 127);
  EXPECT_EQ(spec::quantize_activation(-kInfinity, 1.0F), -128);
  EXPECT_EQ(spec::quantize_activation(kNaN, 1.0F), -128);
  EXPECT_EQ(spec::quantize_activation(2.5F, 1.0F), 2);
}

TEST(QuantizeWeight, NeverGivesMinus128) {
  EXPECT_EQ(spec::quantize_weight(-128.0F, 1.0F), -127);
  EXPECT_EQ(spec::quantize_weight(-kInfinity, 1.0F), -127);
  EXPECT_EQ(spec::quantize_weight(kNaN, 1.0F), -127);
  EXPECT_EQ(spec::quantize_weight(300.0F, 1.0F), 127);
}

TEST(WeightScale, MapsTheLargestMagnitudeTo127) {
  const float scale = spec::weight_scale(0.5F, 0.0F, 0.02F);
  EXPECT_EQ(scale, 0.5F / 127.0F);
  EXPECT_EQ(spec::quantize_weight(0.5F, 1.0F / scale), 127);
}

TEST(WeightScale, GrowsWhereTheBiasWouldLeaveItsRange) {
  const float input_scale = 0.02F, bias = 3.0F;
  const float scale = spec::weight_scale(1e-9F, bias, input_scale);
  EXPECT_GT(scale, 1e-9F / 127.0F);
  const std::int32_t q = spec::quantize_bias(bias, spec::output_scale(input_scale, scale));
  EXPECT_LT(std::abs(q), 8388608);
  EXPECT_NEAR(q, 4194304, 2);
}

TEST(WeightScale, HasAFloorForDeadChannels) {
  EXPECT_EQ(spec::weight_scale(0.0F, 0.0F, 1.0F), spec::kSmallestScale);
  EXPECT_EQ(spec::quantize_weight(0.0F, 1.0F / spec::kSmallestScale), 0);
}

TEST(QuantizeBias, RoundsTiesToEvenAndSaturates) {
  EXPECT_EQ(spec::quantize_bias(2.5F, 1.0F), 2);
  EXPECT_EQ(spec::quantize_bias(3.5F, 1.0F), 4);
  EXPECT_EQ(spec::quantize_bias(-2.5F, 1.0F), -2);
  EXPECT_EQ(spec::quantize_bias(1e30F, 1e-3F), 8388608);
  EXPECT_EQ(spec::quantize_bias(-1e30F, 1e-3F), -8388608);
  EXPECT_EQ(spec::quantize_bias(kNaN, 1.0F), -8388608);
}

TEST(Dequantize, ConvertsOnceAndMultipliesOnce) {
  // 2^24 + 1 rounds to 2^24 on conversion, whatever the scale.
  EXPECT_EQ(spec::dequantize(16777217, 0.5F), 8388608.0F);
  EXPECT_EQ(spec::dequantize(-3, 0.1F), -3.0F * 0.1F);
}

}  // namespace
}  // namespace noggin::testing
