// How far the elementary functions of spec/formulas.h are from the true value, over any strided range of binary32 bit
// patterns.
// The true value is the C library's double function, whose own error is below 1e-8 of a binary32 ulp.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "spec/formulas.h"

namespace noggin::testing {

struct WorstError {
  double error = 0.0;
  float input = 0.0F;
  float result = 0.0F;
  double truth = 0.0;
};

inline WorstError worse(const WorstError& a, const WorstError& b) { return b.error > a.error ? b : a; }

// The distance between neighbouring binary32 numbers around `value`; 2^-149 for subnormals.
inline double binary32_ulp(double value) {
  const double magnitude = std::fabs(value);
  if (magnitude < 0x1p-126) return 0x1p-149;
  return std::ldexp(1.0, std::min(std::ilogb(magnitude), 127) - 23);
}

// |result - truth|; an infinite result counts as 2^128, the first number that does not fit.
inline double absolute_error(float result, double truth) {
  if (std::isnan(truth)) return std::isnan(result) ? 0.0 : std::numeric_limits<double>::infinity();
  if (std::isnan(result)) return std::numeric_limits<double>::infinity();
  if (std::isinf(result)) {
    const double sign = result > 0.0F ? 1.0 : -1.0;
    return std::max(0.0, 0x1p128 - sign * truth);
  }
  return std::fabs(static_cast<double>(result) - truth);
}

inline double ulp_error(float result, double truth) {
  const double error = absolute_error(result, truth);
  return error == 0.0 ? 0.0 : error / binary32_ulp(truth);
}

// The worst input among the bit patterns first, first + stride, ... below last.
template <typename Formula, typename Truth, typename Error>
WorstError worst_error(Formula formula, Truth truth, Error error, std::uint64_t first, std::uint64_t last,
                       std::uint64_t stride) {
  WorstError worst;
  for (std::uint64_t bits = first; bits < last; bits += stride) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const float result = formula(x);
    const double expected = truth(static_cast<double>(x));
    const double e = error(result, expected);
    if (e > worst.error) worst = {e, x, result, expected};
  }
  return worst;
}

inline double true_gelu(double x) {
  if (x < -40.0) return -0.0;
  return x * (0.5 * std::erfc(-x * 0.70710678118654752440));
}

inline WorstError worst_exp_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::exp, [](double x) { return std::exp(x); }, ulp_error, first, last, stride);
}
inline WorstError worst_erf_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::erf, [](double x) { return std::erf(x); }, ulp_error, first, last, stride);
}
inline WorstError worst_tanh_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::tanh, [](double x) { return std::tanh(x); }, ulp_error, first, last, stride);
}
inline WorstError worst_log_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::log, [](double x) { return std::log(x); }, ulp_error, first, last, stride);
}
inline double true_silu(double x) { return x < -700.0 ? -0.0 : x / (1.0 + std::exp(-x)); }
inline WorstError worst_silu_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::silu, true_silu, ulp_error, first, last, stride);
}
inline double true_sigmoid(double x) { return x < -700.0 ? 0.0 : 1.0 / (1.0 + std::exp(-x)); }
inline WorstError worst_sigmoid_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  return worst_error(spec::sigmoid, true_sigmoid, ulp_error, first, last, stride);
}
// 1 + erf cancels, so ulps of the result would be meaningless: the error is absolute up to |x| = 1 and divided by |x|
// beyond. (If x is NaN, max keeps 1.)
inline WorstError worst_gelu_error(std::uint64_t first, std::uint64_t last, std::uint64_t stride) {
  WorstError worst;
  for (std::uint64_t bits = first; bits < last; bits += stride) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isinf(x)) continue;
    const float result = spec::gelu(x);
    const double expected = true_gelu(static_cast<double>(x));
    const double e = absolute_error(result, expected) / std::max(1.0, std::fabs(static_cast<double>(x)));
    if (e > worst.error) worst = {e, x, result, expected};
  }
  return worst;
}

}  // namespace noggin::testing
