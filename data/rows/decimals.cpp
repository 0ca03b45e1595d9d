#include "data/rows/decimals.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace noggin::data {
namespace {

constexpr int kFewest = 2, kMost = 6;

double power_of_ten(int exponent) {
  double power = 1.0;
  for (int i = 0; i < exponent; ++i) power *= 10.0;
  return power;
}

}  // namespace

int decimals_of(std::span<const double> values) {
  for (int d = kFewest; d <= kMost; ++d) {
    const double scale = power_of_ten(d);
    const auto is_multiple = [scale](double value) {
      const double nearest = std::round(value * scale) / scale;
      return std::abs(value - nearest) < 1e-9 || value == static_cast<double>(static_cast<float>(nearest));
    };
    if (std::all_of(values.begin(), values.end(), is_multiple)) return d;
  }
  return kMost + 1;
}

double rounding_of_sum(std::size_t count, int decimals) {
  return decimals > kMost ? 0.0 : 0.5 * static_cast<double>(count) / power_of_ten(decimals);
}

}  // namespace noggin::data
