#include "data/shards/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace noggin::data {
namespace {

std::vector<std::uint32_t> lengths_of(std::size_t rows) {
  std::vector<std::uint32_t> lengths(rows);
  for (std::size_t i = 0; i < rows; ++i) lengths[i] = static_cast<std::uint32_t>(3 + random_bits(9, 0, i) % 60);
  return lengths;
}

TEST(Sampler, ShowsEachRowOnceOverAllRanksWhateverTheSizes) {
  for (const std::size_t rows : {0U, 1U, 7U, 64U, 1000U, 1003U})
    for (const std::uint32_t batch_rows : {1U, 8U, 64U})
      for (const std::uint32_t world_size : {1U, 3U, 4U}) {
        const auto lengths = lengths_of(rows);
        std::vector<int> seen(rows);
        std::set<std::size_t> steps;
        for (std::uint32_t rank = 0; rank < world_size; ++rank) {
          const auto batches = epoch_batches(
              lengths, 2,
              {.seed = 5, .batch_rows = batch_rows, .window_batches = 3, .rank = rank, .world_size = world_size});
          steps.insert(batches.size());
          for (const auto& batch : batches) {
            EXPECT_LE(batch.size(), (batch_rows + world_size - 1) / world_size);
            for (const std::uint32_t row : batch) ++seen[row];
          }
        }
        EXPECT_EQ(steps, std::set<std::size_t>{(rows + batch_rows - 1) / batch_rows});
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(rows));
      }
}

TEST(Sampler, RanksTogetherMakeTheBatchesOfOneProcess) {
  const auto lengths = lengths_of(500);
  const auto whole = epoch_batches(lengths, 1, {.seed = 3, .batch_rows = 32});
  const auto even = epoch_batches(lengths, 1, {.seed = 3, .batch_rows = 32, .rank = 0, .world_size = 2});
  const auto odd = epoch_batches(lengths, 1, {.seed = 3, .batch_rows = 32, .rank = 1, .world_size = 2});
  for (std::size_t b = 0; b < whole.size(); ++b)
    for (std::size_t i = 0; i < whole[b].size(); ++i) EXPECT_EQ(whole[b][i], (i % 2 == 0 ? even : odd)[b][i / 2]);
}

TEST(Sampler, IsAFunctionOfSeedAndEpoch) {
  const auto lengths = lengths_of(300);
  const SamplerOptions options{.seed = 11, .batch_rows = 16};
  EXPECT_EQ(epoch_batches(lengths, 4, options), epoch_batches(lengths, 4, options));
  EXPECT_NE(epoch_batches(lengths, 4, options), epoch_batches(lengths, 5, options));
  EXPECT_NE(epoch_batches(lengths, 4, options), epoch_batches(lengths, 4, {.seed = 12, .batch_rows = 16}));
}

// Tokens that padding every batch to its longest row adds.
std::size_t padding(const std::vector<std::uint32_t>& lengths, const std::vector<std::vector<std::uint32_t>>& batches) {
  std::size_t wasted = 0;
  for (const auto& batch : batches) {
    std::uint32_t longest = 0;
    for (const std::uint32_t row : batch) longest = std::max(longest, lengths[row]);
    for (const std::uint32_t row : batch) wasted += longest - lengths[row];
  }
  return wasted;
}

TEST(Sampler, GroupsRowsOfSimilarLength) {
  const auto lengths = lengths_of(6400);
  const auto grouped = epoch_batches(lengths, 0, {.seed = 1, .batch_rows = 64});
  const auto loose = epoch_batches(lengths, 0, {.seed = 1, .batch_rows = 64, .window_batches = 1});
  EXPECT_LT(padding(lengths, grouped) * 10, padding(lengths, loose));
}

TEST(Sampler, DoesNotShowShortBatchesFirst) {
  const auto lengths = lengths_of(6400);
  const auto batches = epoch_batches(lengths, 0, {.seed = 1, .batch_rows = 64, .window_batches = 100});
  std::vector<std::uint32_t> first;
  for (const auto& batch : batches) first.push_back(lengths[batch.front()]);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
}

TEST(RandomBits, DiffersInEveryArgumentAndLooksUniform) {
  std::set<std::uint64_t> values;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (std::uint64_t stream = 0; stream < 10; ++stream)
      for (std::uint64_t counter = 0; counter < 10; ++counter) values.insert(random_bits(seed, stream, counter));
  EXPECT_EQ(values.size(), 1000U);
  std::vector<int> ones(64);
  for (std::uint64_t i = 0; i < 4096; ++i)
    for (std::size_t bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>((random_bits(1, 2, i) >> bit) & 1);
  for (const int count : ones) EXPECT_NEAR(count, 2048, 5 * 32);  // five standard deviations
}

TEST(RandomBits, KeepsItsValues) {  // a changed value would change every resumed run
  EXPECT_EQ(random_bits(0, 0, 0), 10681125515907561725ULL);
  EXPECT_EQ(random_bits(7, 1, 42), 17860504067353215131ULL);
}

}  // namespace
}  // namespace noggin::data
