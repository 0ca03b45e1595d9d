#include "export/pages/shares.h"

#include <algorithm>

#include "export/report/binomial_bound.h"

namespace noggin::exporter {

Interval share_interval(double right, std::uint64_t rows) {
  if (rows == 0) return {};
  constexpr double kEachSide = 0.975;
  const auto count = std::min(rows, static_cast<std::uint64_t>(std::max(0.0, right) + 0.5));
  return {static_cast<double>(count) / static_cast<double>(rows), accuracy_lower_bound(count, rows, kEachSide),
          1.0 - accuracy_lower_bound(rows - count, rows, kEachSide)};
}

}  // namespace noggin::exporter
