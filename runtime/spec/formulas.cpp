#include "spec/formulas.h"

#include <bit>
#include <cmath>
#include <limits>

#include "spec/exponential.h"
#include "spec/formulas_coefficients.h"
#include "spec/quant.h"

namespace noggin::spec {
namespace {

// sqrt is correctly rounded by IEEE 754 and by every compiler's std::sqrt; it is the only <cmath> function used.
float square_root(float x) { return std::sqrt(x); }

float erf_small(float x) {  // |x| < 1
  const float z = x * x;
  float p = kErfSmall[6];
  for (int i = 5; i >= 0; --i) p = p * z + kErfSmall[i];
  return x + x * p;
}

float erf_large(float magnitude) {  // 1 <= magnitude < kErfOne
  const float t = 1.0F / (magnitude + 2.0F);
  float q = kErfLarge[5];
  for (int i = 4; i >= 0; --i) q = q * t + kErfLarge[i];
  return 1.0F - exp(-(magnitude * magnitude)) * q;
}

float tanh_small(float x) {  // |x| < 1
  const float z = x * x;
  float p = kTanhSmall[6];
  for (int i = 5; i >= 0; --i) p = p * z + kTanhSmall[i];
  return x + x * (z * p);
}

// log(2^n * m) for m in [sqrt(1/2), sqrt(2)).
float log_of(std::int32_t n, float m) {
  const float f = m - 1.0F;  // exact
  const float s = f / (2.0F + f);
  const float z = s * s;
  const float r = z * (kLog1 + z * (kLog2 + z * kLog3));
  const auto whole = static_cast<float>(n);
  return whole * kLn2High - ((s * (f - r) - whole * kLn2Low) - f);
}

}  // namespace

float exp(float x) { return device::exp(x); }

float erf(float x) {
  if (x != x) return x;
  const float magnitude = x < 0.0F ? -x : x;
  if (magnitude < 1.0F) return erf_small(x);
  const float result = magnitude < kErfOne ? erf_large(magnitude) : 1.0F;
  return x < 0.0F ? -result : result;
}

float gelu(float x) {
  if (x != x) return x;
  x = x > kGeluLowest ? x : kGeluLowest;
  return (0.5F * x) * (1.0F + erf(x * kInverseSqrt2));
}

float tanh(float x) {
  if (x != x) return x;
  const float magnitude = x < 0.0F ? -x : x;
  if (magnitude < kTanhIsIdentity) return x;  // -0 included
  if (magnitude < 1.0F) return tanh_small(x);
  const float result = 1.0F - 2.0F / (exp(2.0F * magnitude) + 1.0F);
  return x < 0.0F ? -result : result;
}

float silu(float x) {
  if (x != x || x > kSiluDirect) return x / (1.0F + exp(-x));
  x = x > kSiluLowest ? x : kSiluLowest;
  const float root = exp(0.5F * x);  // e^x itself may be subnormal, with few bits left
  return (x * root) * root;
}

float sigmoid(float x) {
  if (x >= 0.0F) return 1.0F / (1.0F + exp(-x));
  const float e = exp(x);
  return e / (1.0F + e);
}

float log(float x) {
  if (x == 0.0F) return -std::numeric_limits<float>::infinity();
  if (!(x > 0.0F)) return std::numeric_limits<float>::quiet_NaN();
  if (x == std::numeric_limits<float>::infinity()) return x;
  std::int32_t n = 0;
  if (x < std::numeric_limits<float>::min()) {
    x *= 0x1p23F;
    n = -23;
  }
  const std::uint32_t above = std::bit_cast<std::uint32_t>(x) - kRootOfHalfBits;
  n += static_cast<std::int32_t>(above) >> 23;
  return log_of(n, std::bit_cast<float>((above & 0x007FFFFFU) + kRootOfHalfBits));
}

float ngram_value(std::uint32_t count, float inverse_document_frequency) {
  return (1.0F + log(static_cast<float>(count))) * inverse_document_frequency;
}

float attention_score_scale(float query_scale, float key_scale, unsigned head_width) {
  return (query_scale * key_scale) / square_root(static_cast<float>(head_width));
}

std::int32_t attention_exponent(std::int32_t dot_minus_max, float score_scale) {
  return device::attention_exponent(dot_minus_max, score_scale);
}

void fill_gelu_table(float preactivation_scale, float hidden_scale, std::int8_t* table) {
  const float inverse_scale = 1.0F / hidden_scale;
  for (int q = -128; q <= 127; ++q) {
    table[q + 128] = quantize_activation(gelu(static_cast<float>(q) * preactivation_scale), inverse_scale);
  }
}

}  // namespace noggin::spec
