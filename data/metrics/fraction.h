// part / whole, for figures over rows.
#pragma once

#include <cstdint>

namespace noggin::data {

// 0 where there is nothing to divide by.
inline double fraction(double part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : part / static_cast<double>(whole);
}

}  // namespace noggin::data
