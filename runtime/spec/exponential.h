// The bodies of spec::exp and spec::attention_exponent, inline, because device code cannot call into another file.
// Contracts: formulas.h. CPU code calls the functions declared there: the linker could choose an inline function
// compiled for one instruction set for the whole program.
#pragma once

#include <bit>
#include <cstdint>

#include "spec/device.h"
#include "spec/formulas_coefficients.h"
#include "spec/quant.h"

namespace noggin::spec::device {

// 2^n for -126 <= n <= 127, from its bits.
NOGGIN_DEVICE inline float power_of_two(std::int32_t n) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(n + 127) << 23);
}

NOGGIN_DEVICE inline float exp(float x) {
  if (x != x) return x;
  x = x < kExpHighest ? x : kExpHighest;
  x = x > kExpLowest ? x : kExpLowest;
  const float n = round_half_even(x * kLog2E);
  const float r = (x - n * kLn2High) - n * kLn2Low;
  const float p = 0.5F + r * (kExp3 + r * (kExp4 + r * (kExp5 + r * kExp6)));
  const float e = 1.0F + (r + (r * r) * p);
  // Two factors, because 2^n itself may be out of range; only the second product can round or overflow.
  const auto exponent = static_cast<std::int32_t>(n);
  const std::int32_t half = exponent >> 1;
  return (e * power_of_two(half)) * power_of_two(exponent - half);
}

NOGGIN_DEVICE inline std::int32_t attention_exponent(std::int32_t dot_minus_max, float score_scale) {
  const float e = exp(static_cast<float>(dot_minus_max) * score_scale);
  return static_cast<std::int32_t>(round_half_even(e * kExponentSteps));
}

}  // namespace noggin::spec::device
