#include "train/assess/class_balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace noggin::assess {

double entropy_bits(std::span<const std::uint64_t> counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  double bits = 0.0;
  for (const std::uint64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / total;
    bits -= share * std::log2(share);
  }
  return std::max(bits, 0.0);
}

ClassBalance class_balance(std::span<const std::string> names, std::span<const std::uint64_t> counts) {
  ClassBalance balance;
  balance.classes = counts.size();
  balance.answers = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  balance.entropy_bits = entropy_bits(counts);
  std::vector<std::pair<std::uint64_t, std::string>> rare;
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) ++balance.answered;
    largest = std::max(largest, counts[i]);
    if (counts[i] < kRareBelow) rare.emplace_back(counts[i], names[i]);
  }
  std::ranges::sort(rare);
  for (auto& [count, name] : rare) balance.rare.push_back(std::move(name));
  if (balance.answers == 0) return balance;
  balance.effective = std::exp2(balance.entropy_bits);
  balance.largest_share = static_cast<double>(largest) / static_cast<double>(balance.answers);
  return balance;
}

}  // namespace noggin::assess
