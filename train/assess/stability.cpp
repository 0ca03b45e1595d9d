#include "train/assess/stability.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <map>
#include <numeric>

#include "export/report/histogram_tests.h"

namespace noggin::assess {

Stability population_stability(std::span<const std::uint64_t> before, std::span<const std::uint64_t> after) {
  constexpr double kLevel = 0.95;
  Stability found;
  found.before = std::accumulate(before.begin(), before.end(), std::uint64_t{0});
  found.after = std::accumulate(after.begin(), after.end(), std::uint64_t{0});
  std::vector<std::uint64_t> kept_before, kept_after;
  for (std::size_t bin = 0; bin < before.size(); ++bin) {
    if (before[bin] + after[bin] == 0) continue;
    kept_before.push_back(before[bin]);
    kept_after.push_back(after[bin]);
  }
  if (kept_before.size() < 2 || found.before == 0 || found.after == 0) return found;
  found.index = exporter::population_stability_index(kept_before, kept_after);
  const boost::math::chi_squared law(static_cast<double>(kept_before.size() - 1));
  const double rows = 1.0 / static_cast<double>(found.before) + 1.0 / static_cast<double>(found.after);
  found.chance = rows * boost::math::quantile(law, kLevel);
  return found;
}

bool looks_sorted(std::span<const std::int32_t> values) {
  if (values.size() < 2) return false;
  std::map<std::int32_t, std::uint64_t> counts;
  std::uint64_t equal = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ++counts[values[i]];
    if (i > 0 && values[i] == values[i - 1]) ++equal;
  }
  const auto n = static_cast<double>(values.size());
  double chance = 0.0;
  for (const auto& [value, count] : counts) chance += static_cast<double>(count * count) / (n * n);
  return counts.size() > 1 && static_cast<double>(equal) / (n - 1.0) >= (1.0 + chance) / 2.0;
}

}  // namespace noggin::assess
