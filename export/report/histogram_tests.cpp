#include "export/report/histogram_tests.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace noggin::exporter {
namespace {

constexpr double kPrecision = 1e-15;
constexpr int kMaxTerms = 100000;

double sum(Histogram bins) { return std::accumulate(bins.begin(), bins.end(), 0.0); }

// P(a, x) = x^a e^-x / Gamma(a) * sum of x^n / (a (a + 1) ... (a + n)) (DLMF 8.11.4), for x < a + 1.
double lower_gamma_series(double a, double x) {
  double term = 1.0 / a, total = term;
  for (int n = 1; n < kMaxTerms && term > total * kPrecision; ++n) {
    term *= x / (a + n);
    total += term;
  }
  return total * std::exp(a * std::log(x) - x - std::lgamma(a));
}

// Q(a, x) by the continued fraction DLMF 8.9.2, evaluated by Lentz's method, for x >= a + 1.
double upper_gamma_fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1.0 - a, c = 1.0 / kTiny, d = 1.0 / b, h = d;
  for (int n = 1; n < kMaxTerms; ++n) {
    const double numerator = -n * (n - a);
    b += 2.0;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1.0 / d;
    h *= d * c;
    if (std::abs(d * c - 1.0) < kPrecision) break;
  }
  return h * std::exp(a * std::log(x) - x - std::lgamma(a));
}

}  // namespace

double population_stability_index(Histogram a, Histogram b) {
  const double n = sum(a), m = sum(b);
  if (n == 0.0 || m == 0.0) return 0.0;
  double half = 0.0, index = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) half += a[i] + b[i] > 0 ? 0.5 : 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] + b[i] == 0) continue;
    const double p = (static_cast<double>(a[i]) + 0.5) / (n + half), q = (static_cast<double>(b[i]) + 0.5) / (m + half);
    index += (p - q) * std::log(p / q);
  }
  return index;
}

TestResult plain_chi_square(Histogram a, Histogram b) {
  const double n = sum(a), m = sum(b);
  if (n == 0.0 || m == 0.0) return {};
  TestResult result;
  std::size_t used = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double both = static_cast<double>(a[i]) + static_cast<double>(b[i]);
    if (both == 0.0) continue;
    ++used;
    const double expected_a = both * n / (n + m), expected_b = both * m / (n + m);
    result.statistic += std::pow(static_cast<double>(a[i]) - expected_a, 2) / expected_a +
                        std::pow(static_cast<double>(b[i]) - expected_b, 2) / expected_b;
  }
  if (used < 2) return {};
  result.degrees = used - 1;
  result.p_value = chi_square_tail(result.statistic, result.degrees);
  return result;
}

TestResult chi_square(Histogram a, Histogram b) {
  constexpr double kLeastExpected = 5.0;
  const double n = sum(a), m = sum(b);
  if (n == 0.0 || m == 0.0) return {};
  std::vector<std::uint64_t> kept_a{0}, kept_b{0};  // the first: those taken together
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double both = static_cast<double>(a[i]) + static_cast<double>(b[i]);
    if (both * std::min(n, m) / (n + m) < kLeastExpected) {
      kept_a[0] += a[i];
      kept_b[0] += b[i];
    } else {
      kept_a.push_back(a[i]);
      kept_b.push_back(b[i]);
    }
  }
  return plain_chi_square(kept_a, kept_b);
}

TestResult kolmogorov_smirnov(Histogram a, Histogram b) {
  const double n = sum(a), m = sum(b);
  if (n == 0.0 || m == 0.0) return {};
  TestResult result;
  double below_a = 0.0, below_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    below_a += static_cast<double>(a[i]);
    below_b += static_cast<double>(b[i]);
    result.statistic = std::max(result.statistic, std::abs(below_a / n - below_b / m));
  }
  result.p_value = kolmogorov_tail(result.statistic * std::sqrt(n / (n + m) * m));
  return result;
}

double chi_square_tail(double x, std::size_t degrees) {
  if (degrees == 0 || x <= 0.0) return 1.0;
  const double a = 0.5 * static_cast<double>(degrees), half = 0.5 * x;
  return half < a + 1.0 ? 1.0 - lower_gamma_series(a, half) : upper_gamma_fraction(a, half);
}

// 2 sum (-1)^(j-1) exp(-2 j^2 x^2); for small x its other form, 1 - sqrt(2 pi) / x * sum exp(-(2 j - 1)^2 pi^2 / (8
// x^2)).
double kolmogorov_tail(double x) {
  constexpr double kPi = 3.14159265358979323846;
  if (x <= 0.0) return 1.0;
  double total = 0.0;
  if (x < 1.0) {
    for (int j = 1; j <= 20; ++j) total += std::exp(-std::pow((2 * j - 1) * kPi / x, 2) / 8.0);
    return 1.0 - std::sqrt(2.0 * kPi) / x * total;
  }
  for (int j = 1; j <= 20; ++j) total += (j % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * j * j * x * x);
  return total;
}

}  // namespace noggin::exporter
