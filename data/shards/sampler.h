// The order in which training sees rows: a pure function of (seed, epoch, step), so that a checkpoint stores only the
// position in an epoch. Batches group rows of similar length: a window of rows is shuffled, sorted by length
// inside the window, cut into batches, and the batches are shuffled.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace noggin::data {

struct SamplerOptions {
  std::uint64_t seed = 0;
  std::uint32_t batch_rows = 64;           // rows of one step, over all ranks
  std::uint32_t window_batches = 50;       // batches per length-sorted window; 1 turns grouping off
  std::uint32_t rank = 0, world_size = 1;  // this process gets rows rank, rank + world_size, ... of each batch
  bool operator==(const SamplerOptions&) const = default;
};

// All batches of one epoch, as row indices for this rank. Every row appears once per epoch over all ranks; the last
// batch may be short (empty for a rank when it has fewer rows than ranks, so that all ranks take the same number of
// steps). lengths[i]: tokens of row i.
std::vector<std::vector<std::uint32_t>> epoch_batches(std::span<const std::uint32_t> lengths, std::uint64_t epoch,
                                                      const SamplerOptions& options);

// Counter-based random bits: the same (seed, stream, counter) always gives the same value. SplitMix64 finalizer.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter);
// Its upper 53 bits as a number in [0, 1).
double random_unit(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter);

}  // namespace noggin::data
