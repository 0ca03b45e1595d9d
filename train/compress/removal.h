// How many parts structured pruning removes (prune.h): by this the size of a pruned model is known before training,
// too. No LibTorch.
#pragma once

#include <cstdint>

namespace noggin::train {

// What every layer keeps of its parts, or all if it has fewer.
inline constexpr std::int64_t kLeastHeads = 1;
inline constexpr std::int64_t kLeastNeurons = 16;

// How many of `total` heads, or neurons, of a student are wanted away: the nearest number, halves up.
constexpr std::int64_t wanted_removals(double fraction, std::int64_t total) {
  return static_cast<std::int64_t>(fraction * static_cast<double>(total) + 0.5);
}

}  // namespace noggin::train
