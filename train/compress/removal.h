// How many parts structured pruning removes (prune.h): by this the size of a pruned model is known before training,
// too. No LibTorch.
#pragma once

#include <cstdint>
#include <numeric>

namespace noggin::train {

// What every layer keeps of its parts, or all if it has fewer.
inline constexpr std::int64_t kLeastHeads = 1;
inline constexpr std::int64_t kLeastNeurons = 16;

// How many heads, or neurons, go together, so that what reads them keeps whole groups of inputs: with int4 weights in
// groups of `group` inputs (0: no groups), of which each head gives `inputs`, each neuron one.
constexpr std::int64_t parts_per_unit(std::uint32_t group, std::uint32_t inputs) {
  return group == 0 ? 1 : group / std::gcd(group, inputs);
}

// What a layer keeps of parts that go in units of `unit`.
constexpr std::int64_t least_kept(std::int64_t least, std::int64_t unit) { return (least + unit - 1) / unit * unit; }

// How many of `total` heads, or neurons, of a student are wanted away: the nearest number of whole units, halves up.
constexpr std::int64_t wanted_removals(double fraction, std::int64_t total, std::int64_t unit) {
  return static_cast<std::int64_t>(fraction * static_cast<double>(total / unit) + 0.5) * unit;
}

}  // namespace noggin::train
