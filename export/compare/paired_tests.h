// Tests of two models on the same rows, where a row is right or wrong: only rows that one model has right and the other
// wrong tell them apart. mended: wrong before, right after; broken: the other way round. Pure functions; p-values are
// two-sided where nothing else is said.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace noggin::exporter {

inline constexpr double kSignificance = 0.05;  // of every test and sentence of a comparison

struct Discordant {
  std::uint64_t mended = 0, broken = 0;
  std::uint64_t sum() const { return mended + broken; }
  bool operator==(const Discordant&) const = default;
};

// McNemar's test without approximation: if neither model is better, `broken` is binomial(mended + broken, 1/2).
struct McNemar {
  double exact_p = 1.0;  // P of a split at least this uneven
  double mid_p = 1.0;    // counts half of the split itself (Lancaster 1961; Fagerland, Lydersen, Laake 2013, eq. 6)
};
McNemar mcnemar(const Discordant& rows);

// The same for rows in groups (a template, a user), of which only the groups are independent: if neither model is
// better, each group's sum of mended - broken is as probable with the other sign (Fisher's randomization test). Exact,
// by convolution; McNemar's test if each group is one row. `group_sums`: mended - broken of each group. Above
// kMostExactSum for the sum of their absolute values the normal approximation, which is exact enough there.
inline constexpr std::uint64_t kMostExactSum = 20000;
McNemar sign_flip(std::span<const std::int64_t> group_sums);

// Two one-sided tests (Schuirmann 1987) of whether the difference of two paired shares, (mended - broken) / rows, is
// above -margin and below margin, each by the score test of Tango (1998, eq. 6), whose variance is that under the
// hypothesis. The score test, not Wald's: with few or no discordant rows Wald's variance is near 0, and it would call
// ten rows without a change proof. Equivalent at 5 % if p() <= 0.05.
struct EquivalenceTest {
  double p_above_minus_margin = 1.0, p_below_margin = 1.0;  // one-sided
  double p() const { return p_above_minus_margin > p_below_margin ? p_above_minus_margin : p_below_margin; }
};
EquivalenceTest equivalence_test(const Discordant& rows, std::uint64_t row_count, double margin);

// The fewest independent units of which none was broken that exclude, at 5 %, that a share `margin` of all would be:
// (1 - margin)^n <= 0.05. What every claim of equivalence by bootstrap needs, too: it cannot see what was not drawn.
std::uint64_t units_for_margin(double margin);

// The smallest drop of a share that McNemar's test at 5 % (two-sided) finds in 80 % of samples of so many rows
// (Connor 1987, eq. 3), when a share `discordant` of the rows is discordant, or as many as the drop itself needs. 1 at
// most.
double detectable_drop(std::uint64_t rows, double discordant);

// The rows for which detectable_drop is `drop`; and those with which equivalence_test at `margin` succeeds in 80 % of
// samples of two models that are equally good.
std::uint64_t rows_for_drop(double drop, double discordant);
std::uint64_t rows_for_equivalence(double margin, double discordant);

// The standard normal distribution: P(Z <= z), and the z of a probability in (0, 1).
double normal_below(double z);
double normal_quantile(double probability);

}  // namespace noggin::exporter
