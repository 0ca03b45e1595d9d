// The only definition of rounding from real numbers to integers. Trainer, exporter, reference kernels and CUDA all call
// these functions; anything faster must give the same bits. Rules and reasons: NUMERICS.md.
//
// All functions expect round-to-nearest-even with denormals kept (kernels/float_environment.h sets it).
#pragma once

#include <cstdint>

#include "spec/device.h"
#include "spec/weight_type.h"

namespace noggin::spec {

// Ranges; those of weights: weight_type.h.
inline constexpr float kWeightLimit = range_of(WeightType::kInt8).high;
inline constexpr float kActivationLow = -128.0F;
inline constexpr float kActivationHigh = 127.0F;
// exp(score - max) in [0, 1] is stored as 0..127 (spec::attention_exponent).
inline constexpr float kExponentSteps = 127.0F;
// |int32 bias| stays at or below this, so that no accumulator can overflow for any K up to kMaxFfnWidth.
inline constexpr float kBiasLimit = 8388608.0F;  // 2^23
// The smallest scale a weight channel or an activation may have.
inline constexpr float kSmallestScale = 9.094947e-13F;  // 2^-40

// Nearest integer, ties to even, for |x| <= 2^22: adding 1.5 * 2^23 leaves no fraction bits. No libm, no mode switch.
inline constexpr float kRoundShift = 12582912.0F;
NOGGIN_DEVICE inline float round_half_even(float x) { return (x + kRoundShift) - kRoundShift; }

// x * inverse_scale, clamped to [low, high], then rounded half to even. NaN gives low.
NOGGIN_DEVICE inline std::int8_t quantize(float x, float inverse_scale, float low, float high) {
  float value = x * inverse_scale;
  value = value > low ? value : low;  // false for NaN
  value = value < high ? value : high;
  return static_cast<std::int8_t>(round_half_even(value));
}

NOGGIN_DEVICE inline std::int8_t quantize_activation(float x, float inverse_scale) {
  return quantize(x, inverse_scale, kActivationLow, kActivationHigh);
}

// A value of a vector of length 1 in steps of 2^-15, inside [-32767, 32767]. |x| <= 2; not NaN.
inline constexpr float kUnitSteps = 32768.0F;  // 2^15
inline std::int16_t quantize_unit(float x) {
  constexpr float kHigh = 32767.0F;
  float value = x * kUnitSteps;  // exact
  value = value > -kHigh ? value : -kHigh;
  value = value < kHigh ? value : kHigh;
  return static_cast<std::int16_t>(round_half_even(value));
}

inline std::int8_t quantize_weight(float x, float inverse_scale, WeightType type = WeightType::kInt8) {
  const WeightRange range = range_of(type);
  return quantize(x, inverse_scale, range.low, range.high);
}

// The scale of one output channel (or embedding row): its largest magnitude maps to 127, unless the bias would then
// leave its range. `input_scale` is 1 and `bias` 0 for embedding rows.
inline float weight_scale(float largest_magnitude, float bias, float input_scale) {
  const float from_weights = largest_magnitude / kWeightLimit;
  const float bias_magnitude = bias < 0.0F ? -bias : bias;
  const float from_bias = (bias_magnitude / input_scale) / (kBiasLimit * 0.5F);
  const float scale = from_weights > from_bias ? from_weights : from_bias;
  return scale > kSmallestScale ? scale : kSmallestScale;
}

// The real value of one unit of a linear layer's integer sum: fl(s_a * s_w). Also the unit of its int32 bias.
inline float output_scale(float input_scale, float weight_scale) { return input_scale * weight_scale; }

// bias / output_scale to the nearest integer, ties to even, inside +-kBiasLimit. In double: one correctly rounded
// division, then the same shift trick.
inline std::int32_t quantize_bias(float bias, float output_scale) {
  constexpr double kShift = 6755399441055744.0;  // 1.5 * 2^52
  double value = static_cast<double>(bias) / static_cast<double>(output_scale);
  value = value > -static_cast<double>(kBiasLimit) ? value : -static_cast<double>(kBiasLimit);
  value = value < static_cast<double>(kBiasLimit) ? value : static_cast<double>(kBiasLimit);
  return static_cast<std::int32_t>((value + kShift) - kShift);
}

// A linear layer's real output from its exact integer sum: one conversion, one multiply.
NOGGIN_DEVICE inline float dequantize(std::int32_t sum_with_bias, float output_scale) {
  return static_cast<float>(sum_with_bias) * output_scale;
}

}  // namespace noggin::spec
