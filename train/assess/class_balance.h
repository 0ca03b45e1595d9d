// How evenly the answers of a log are spread over its classes. Pure functions of counts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace noggin::assess {

// Entropy in bits of counts taken as frequencies, -sum p log2 p (Shannon 1948); 0 for no counts.
double entropy_bits(std::span<const std::uint64_t> counts);

struct ClassBalance {
  std::uint64_t answers = 0;   // sum of the counts
  std::size_t classes = 0;     // that the task has
  std::size_t answered = 0;    // that occur
  double entropy_bits = 0.0;   // of the answers
  double effective = 0.0;      // 2^entropy: as many equally frequent classes have the same entropy (Hill 1973, order 1)
  double largest_share = 0.0;  // of the most frequent class
  std::vector<std::string> rare;  // classes with fewer than kRareBelow answers, the rarest first, then by name
};
// Fewer answers of a class than this measure no accuracy: even 10 of 10 right ones leave the 95 % bound at 74 %.
inline constexpr std::uint64_t kRareBelow = 10;

// names, counts: one entry per class.
ClassBalance class_balance(std::span<const std::string> names, std::span<const std::uint64_t> counts);

}  // namespace noggin::assess
