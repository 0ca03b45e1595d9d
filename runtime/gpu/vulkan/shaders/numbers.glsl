// The functions of spec/quant.h and spec/exponential.h. Tests compare each with its C++ twin.
#include "constants.glsl"
#include "floats.glsl"

bool is_nan(float x) { return (floatBitsToUint(x) & kMagnitude) > kInfinity; }

// |x| <= 2^22. A subnormal x is 0 afterwards, flushed or not.
float shifted(float x) { return add_normal(x, kRoundShift); }
float round_half_even(float x) { return subtract_normal(shifted(x), kRoundShift); }
int round_to_int(float x) { return floatBitsToInt(shifted(x)) - floatBitsToInt(kRoundShift); }

// Correctly rounded whatever the device's conversion does: both parts and the product are exact, the sum rounds once.
float to_float(int x) {
  const int high = x >> 12;
  return add_normal(multiply_normal(float(high), 4096.0), float(x - (high << 12)));
}

// Where multiply_normal could flush, the product is below 2^-85 (inverse scales are at most 2^40) and rounds to 0.
int quantize_activation(float x, float inverse_scale) {
  const float value = multiply_normal(x, inverse_scale);
  if (is_nan(value)) return int(kActivationLow);
  return round_to_int(min(max(value, kActivationLow), kActivationHigh));
}

// A sum of integers in steps of `scale`. Scales are at least 2^-80, so the product is 0 or normal.
float dequantize(int sum, float scale) { return multiply_normal(to_float(sum), scale); }

float power_of_two(int n) { return intBitsToFloat((n + 127) << 23); }

// exp for x <= 0 that is 0 or at least 2^-84 in magnitude (a score scale is). Only the last product can be subnormal,
// below 2^-126: a seventh of the way to the smallest exponent. (r * r) * p underflows only where r is below 2^-62, and
// then it is less than half of r's last place.
float exp_of_score(float x) {
  x = min(max(x, kExpLowest), kExpHighest);
  const float n = round_half_even(multiply_normal(x, kLog2E));
  const float r =
      subtract_normal(subtract_normal(x, multiply_normal(n, kLn2High)), multiply_normal(n, kLn2Low));
  float p = add_normal(kExp5, multiply_normal(r, kExp6));
  p = add_normal(kExp4, multiply_normal(r, p));
  p = add_normal(kExp3, multiply_normal(r, p));
  p = add_normal(0.5, multiply_normal(r, p));
  const float e = add_normal(1.0, add_normal(r, multiply_normal(multiply_normal(r, r), p)));
  const int exponent = int(n), half_exponent = exponent >> 1;
  return multiply_normal(multiply_normal(e, power_of_two(half_exponent)), power_of_two(exponent - half_exponent));
}

int attention_exponent(int dot_minus_max, float score_scale) {
  const float e = exp_of_score(multiply_normal(float(dot_minus_max), score_scale));
  return round_to_int(multiply_normal(e, kExponentSteps));
}
