#include "export/compare/paired_tests.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "export/report/binomial_bound.h"

namespace noggin::exporter {
namespace {

constexpr double kPower = 0.8;

// P(X = k), X binomial(n, 1/2).
double even_binomial(std::uint64_t k, std::uint64_t n) {
  const auto a = static_cast<double>(k), b = static_cast<double>(n - k);
  return std::exp(std::lgamma(a + b + 1.0) - std::lgamma(a + 1.0) - std::lgamma(b + 1.0) - (a + b) * std::log(2.0));
}

// The share of rows that is only right before, most probable under a difference of `difference` (Tango 1998, eq. 8).
double restricted_share(double mended, double broken, double rows, double difference) {
  const double a = 2.0 * rows;
  const double b = -mended - broken + (2.0 * rows - mended + broken) * difference;
  const double c = -broken * difference * (1.0 - difference);
  return (std::sqrt(std::max(0.0, b * b - 4.0 * a * c)) - b) / (2.0 * a);
}

// How many standard deviations the observed difference is above `difference`, if that is the true one.
double score_above(double mended, double broken, double rows, double difference) {
  const double share = restricted_share(mended, broken, rows, difference);
  const double variance = rows * (2.0 * share + difference * (1.0 - difference));
  const double excess = mended - broken - rows * difference;
  return variance > 0.0 ? excess / std::sqrt(variance) : 0.0;
}

// The probabilities of all values of a sum of terms with random signs: entry i is that of i - (sum of |terms|).
std::vector<double> sign_distribution(const std::vector<std::size_t>& terms) {
  std::vector<double> probability{1.0};
  for (const std::size_t term : terms) {
    std::vector<double> next(probability.size() + 2 * term, 0.0);
    for (std::size_t i = 0; i < probability.size(); ++i) {
      next[i] += 0.5 * probability[i];
      next[i + 2 * term] += 0.5 * probability[i];
    }
    probability = std::move(next);
  }
  return probability;
}

McNemar normal_sign_flip(std::span<const std::int64_t> sums, std::uint64_t total) {
  double squares = 0.0;
  for (const std::int64_t sum : sums) squares += static_cast<double>(sum) * static_cast<double>(sum);
  const double p = 2.0 * normal_below(-static_cast<double>(total) / std::sqrt(squares));
  return {p, p};
}

// Rows for a standardized distance: the variance of one row's difference is `discordant` - drop^2 (Connor 1987).
double rows_needed(double drop, double discordant) {
  const double z = normal_quantile(1.0 - kSignificance / 2.0) * std::sqrt(discordant) +
                   normal_quantile(kPower) * std::sqrt(std::max(0.0, discordant - drop * drop));
  return z * z / (drop * drop);
}

}  // namespace

McNemar mcnemar(const Discordant& rows) {
  const std::uint64_t n = rows.sum(), fewer = std::min(rows.mended, rows.broken);
  if (n == 0) return {};
  const double twice_tail = 2.0 * binomial_tail(n - fewer, n, 0.5);  // P(X >= n - fewer) = P(X <= fewer)
  return {std::min(1.0, twice_tail), std::min(1.0, twice_tail - even_binomial(fewer, n))};
}

McNemar sign_flip(std::span<const std::int64_t> group_sums) {
  std::vector<std::size_t> terms;
  std::int64_t sum = 0;
  for (const std::int64_t group : group_sums) {
    if (group != 0) terms.push_back(static_cast<std::size_t>(std::abs(group)));
    sum += group;
  }
  if (terms.empty()) return {};
  const auto observed = static_cast<std::uint64_t>(std::abs(sum));
  const std::size_t most = std::accumulate(terms.begin(), terms.end(), std::size_t{0});
  if (most > kMostExactSum) return normal_sign_flip(group_sums, observed);
  const std::vector<double> probability = sign_distribution(terms);
  double beyond = 0.0;
  for (std::size_t i = 0; i + observed < most; ++i) beyond += 2.0 * probability[i];
  const double at = (observed == 0 ? 1.0 : 2.0) * probability[most - observed];
  return {std::min(1.0, beyond + at), std::min(1.0, beyond + 0.5 * at)};
}

EquivalenceTest equivalence_test(const Discordant& rows, std::uint64_t row_count, double margin) {
  if (row_count == 0 || margin <= 0.0) return {};
  const auto mended = static_cast<double>(rows.mended), broken = static_cast<double>(rows.broken),
             n = static_cast<double>(row_count);
  if (margin >= 1.0) return {0.0, 0.0};
  return {normal_below(-score_above(mended, broken, n, -margin)),
          normal_below(-score_above(broken, mended, n, -margin))};  // the same, with the models exchanged
}

std::uint64_t units_for_margin(double margin) {
  if (margin <= 0.0) return UINT64_MAX;
  if (margin >= 1.0) return 1;
  return static_cast<std::uint64_t>(std::ceil(std::log(kSignificance) / std::log1p(-margin)));
}

double detectable_drop(std::uint64_t rows, double discordant) {
  double low = 0.0, high = 1.0;
  for (int step = 0; step < 60; ++step) {  // bisection: fewer rows are needed for a larger drop
    const double middle = 0.5 * (low + high);
    (rows_needed(middle, std::max(discordant, middle)) <= static_cast<double>(rows) ? high : low) = middle;
  }
  return high;
}

std::uint64_t rows_for_drop(double drop, double discordant) {
  return static_cast<std::uint64_t>(std::ceil(rows_needed(drop, std::max(discordant, drop))));
}

std::uint64_t rows_for_equivalence(double margin, double discordant) {
  const double z = normal_quantile(1.0 - kSignificance) + normal_quantile(0.5 + kPower / 2.0);
  const double by_variance = discordant * z * z / (margin * margin);
  return std::max(units_for_margin(margin), static_cast<std::uint64_t>(std::ceil(by_variance)));
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile(double probability) {
  double low = -40.0, high = 40.0;
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    (normal_below(middle) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace noggin::exporter
