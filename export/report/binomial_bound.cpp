#include "export/report/binomial_bound.h"

#include <cmath>

namespace noggin::exporter {
namespace {

// 1 / (1 + d1 / (1 + d2 / (1 + ...))) of DLMF 8.17.22, by Lentz's method. Needs about sqrt(a + b) terms for
// x < (a + 1) / (a + b + 2).
double beta_continued_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kPrecision = 1e-15;
  constexpr int kMaxTerms = 100000;
  double fraction = 1.0, numerator = 1.0, denominator = 0.0;
  for (int n = 1; n < kMaxTerms; ++n) {
    const double m = n / 2;
    const double d = n % 2 == 0 ? m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
                                : -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    denominator = 1.0 + d * denominator;
    if (std::abs(denominator) < kTiny) denominator = kTiny;
    denominator = 1.0 / denominator;
    numerator = 1.0 + d / numerator;
    if (std::abs(numerator) < kTiny) numerator = kTiny;
    fraction *= numerator * denominator;
    if (std::abs(numerator * denominator - 1.0) < kPrecision) break;
  }
  return 1.0 / fraction;
}

// I_x(a, b) for a, b >= 1 and 0 < x < 1.
double incomplete_beta(double a, double b, double x) {
  const double log_front = a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b);
  if (x < (a + 1.0) / (a + b + 2.0)) return std::exp(log_front) / a * beta_continued_fraction(a, b, x);
  return 1.0 - std::exp(log_front) / b * beta_continued_fraction(b, a, 1.0 - x);
}

}  // namespace

double binomial_tail(std::uint64_t right, std::uint64_t rows, double p) {
  if (right == 0) return 1.0;
  if (right > rows || p <= 0.0) return 0.0;
  if (p >= 1.0) return 1.0;
  return incomplete_beta(static_cast<double>(right), static_cast<double>(rows - right) + 1.0, p);
}

double accuracy_lower_bound(std::uint64_t right, std::uint64_t rows, double level) {
  if (right == 0 || right > rows) return 0.0;
  double low = 0.0, high = static_cast<double>(right) / static_cast<double>(rows);
  for (int step = 0; step < 60; ++step) {  // bisection: the tail grows with p
    const double middle = 0.5 * (low + high);
    (binomial_tail(right, rows, middle) <= 1.0 - level ? low : high) = middle;
  }
  return low;
}

}  // namespace noggin::exporter
