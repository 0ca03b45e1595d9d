#include "train/assess/stability.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <map>
#include <numeric>

namespace noggin::assess {

Stability population_stability(std::span<const std::uint64_t> before, std::span<const std::uint64_t> after) {
  constexpr double kEach = 0.5, kLevel = 0.95;
  Stability found;
  found.before = std::accumulate(before.begin(), before.end(), std::uint64_t{0});
  found.after = std::accumulate(after.begin(), after.end(), std::uint64_t{0});
  std::vector<std::size_t> bins;
  for (std::size_t bin = 0; bin < before.size(); ++bin)
    if (before[bin] + after[bin] > 0) bins.push_back(bin);
  if (bins.size() < 2 || found.before == 0 || found.after == 0) return found;
  const double added = kEach * static_cast<double>(bins.size());
  for (const std::size_t bin : bins) {
    const double p = (static_cast<double>(before[bin]) + kEach) / (static_cast<double>(found.before) + added);
    const double q = (static_cast<double>(after[bin]) + kEach) / (static_cast<double>(found.after) + added);
    found.index += (p - q) * std::log(p / q);
  }
  const boost::math::chi_squared law(static_cast<double>(bins.size() - 1));
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
