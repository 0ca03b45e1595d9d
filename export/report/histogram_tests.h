// How far two histograms with the same bins are apart. Pure functions. `a` and `b` are counts of independent
// observations, of equal length; a histogram without any gives 0 and a p-value of 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace noggin::exporter {

using Histogram = std::span<const std::uint64_t>;

// Population stability index, sum over bins of (p - q) ln(p / q) (Siddiqi 2006, chapter 8: below 0.1 little, above 0.25
// much). p and q are (count + 0.5) / (n + bins / 2), so that a bin that is empty in one of them gives no infinity; bins
// that are empty in both are left out. Between samples of one population it is about (bins - 1) (1 / n + 1 / m), which
// is why a test stands beside it.
double population_stability_index(Histogram a, Histogram b);

struct TestResult {
  double statistic = 0.0;
  double p_value = 1.0;
  std::size_t degrees = 0;  // of freedom; chi-square only
};

// Pearson's chi-square test that both have one distribution (a 2 x bins table). Bins that expect fewer than 5 in the
// smaller sample are taken together, as Cochran (1954) advises; those empty in both are left out.
TestResult chi_square(Histogram a, Histogram b);
// The same without taking bins together.
TestResult plain_chi_square(Histogram a, Histogram b);

// Two-sample Kolmogorov-Smirnov for bins in order: the largest difference of the cumulated shares, and the limit
// distribution (Kolmogorov 1933; Smirnov 1948). Values inside a bin count as equal, which makes the difference smaller
// and the p-value larger than those of the values themselves: it errs on the side of "not moved".
TestResult kolmogorov_smirnov(Histogram a, Histogram b);

// Upper tails: of chi-square with `degrees` of freedom, and of Kolmogorov's distribution.
double chi_square_tail(double x, std::size_t degrees);
double kolmogorov_tail(double x);

}  // namespace noggin::exporter
