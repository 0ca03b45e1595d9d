// part / whole, for figures over rows.
#pragma once

#include <cstdint>

namespace noggin::data {

// 0 where there is nothing to divide by.
inline double fraction(double part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : part / static_cast<double>(whole);
}
inline double fraction(std::uint64_t part, std::uint64_t whole) { return fraction(static_cast<double>(part), whole); }

}  // namespace noggin::data
