// Exact two-sided 95 % intervals of shares, for figures that are counts (Clopper and Pearson 1934,
// report/binomial_bound.h).
#pragma once

#include <cstdint>

#include "export/report/statistics.h"

namespace noggin::exporter {

// right: rounded to a whole number of rows. {0, 0, 0} for no rows.
Interval share_interval(double right, std::uint64_t rows);

}  // namespace noggin::exporter
