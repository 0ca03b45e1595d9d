#include "data/shards/sampler.h"

#include <algorithm>
#include <numeric>

namespace noggin::data {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

// Two independent orders per epoch: of rows, and of batches.
enum class Order : std::uint64_t { kRows = 0, kBatches = 1 };

// Fisher-Yates. The bias of the modulo is below n / 2^64.
template <typename T>
void shuffle(std::vector<T>& items, std::size_t count, std::uint64_t seed, std::uint64_t epoch, Order order) {
  const std::uint64_t stream = 2 * epoch + static_cast<std::uint64_t>(order);
  for (std::size_t i = count; i > 1; --i) std::swap(items[i - 1], items[random_bits(seed, stream, i) % i]);
}

}  // namespace

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  return mix(mix(mix(seed + kGolden) + stream * kGolden + 1) + counter * kGolden);
}

std::vector<std::vector<std::uint32_t>> epoch_batches(std::span<const std::uint32_t> lengths, std::uint64_t epoch,
                                                      const SamplerOptions& options) {
  const std::size_t batch_rows = std::max(options.batch_rows, 1U);
  const std::size_t world_size = std::max(options.world_size, 1U);
  std::vector<std::uint32_t> rows(lengths.size());
  std::iota(rows.begin(), rows.end(), 0U);
  shuffle(rows, rows.size(), options.seed, epoch, Order::kRows);

  const std::size_t window = batch_rows * std::max(options.window_batches, 1U);
  if (options.window_batches > 1)
    for (std::size_t begin = 0; begin < rows.size(); begin += window)
      std::stable_sort(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows.begin() + static_cast<std::ptrdiff_t>(std::min(begin + window, rows.size())),
                       [lengths](std::uint32_t a, std::uint32_t b) { return lengths[a] < lengths[b]; });

  std::vector<std::size_t> starts;  // of batches in rows
  for (std::size_t begin = 0; begin < rows.size(); begin += batch_rows) starts.push_back(begin);
  // A short batch stays last: its gradient is noisier, and full batches keep the step count simple.
  shuffle(starts, rows.size() / batch_rows, options.seed, epoch, Order::kBatches);

  std::vector<std::vector<std::uint32_t>> batches;
  batches.reserve(starts.size());
  for (const std::size_t begin : starts) {
    std::vector<std::uint32_t>& batch = batches.emplace_back();
    for (std::size_t i = begin + options.rank; i < std::min(begin + batch_rows, rows.size()); i += world_size)
      batch.push_back(rows[i]);
  }
  return batches;
}

double random_unit(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  return static_cast<double>(random_bits(seed, stream, counter) >> 11) * 0x1.0p-53;
}

}  // namespace noggin::data
