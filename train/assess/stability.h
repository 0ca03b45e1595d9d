// Whether a log's rows stay the same over its course: two parts of it compared bin by bin.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace noggin::assess {

struct Stability {
  std::uint64_t before = 0, after = 0;  // rows of each part
  // export/report/histogram_tests.h, over the bins that are not empty in both.
  double index = 0.0;
  // What chance alone exceeds in one of 20 pairs of parts of these sizes: (1/n + 1/m) times the 95 % point of
  // chi-square with bins - 1 degrees of freedom (Yurdakul 2018). Bins that are empty in both do not count.
  double chance = 0.0;

  bool moved(double limit) const { return index > limit && index > chance; }
};

// before, after: counts of the same bins.
Stability population_stability(std::span<const std::uint64_t> before, std::span<const std::uint64_t> after);

// Whether equal values stand together so often that the order is one of sorting and not of time: half-way or more
// between the share of equal neighbours that chance gives and all. Fewer than 2 values are not.
bool looks_sorted(std::span<const std::int32_t> values);

}  // namespace noggin::assess
