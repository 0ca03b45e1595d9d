// Exact one-sided confidence bound for a fraction of right answers, by Clopper and Pearson (1934). Unlike the bootstrap
// it is valid for few rows and for rows without a single error. Pure functions.
#pragma once

#include <cstdint>

namespace noggin::exporter {

// P(X >= right) for X binomial with `rows` trials of probability `p`: 1 for right = 0, 0 for right > rows.
// It is the incomplete beta function I_p(right, rows - right + 1) (DLMF 8.17.5).
double binomial_tail(std::uint64_t right, std::uint64_t rows, double p);

// The largest p that `right` of `rows` refutes at this one-sided level: P(X >= right | p) = 1 - level. In at least a
// fraction `level` of samples the true probability is not below the bound. 0 for right = 0 and for no rows.
double accuracy_lower_bound(std::uint64_t right, std::uint64_t rows, double level = 0.95);

}  // namespace noggin::exporter
