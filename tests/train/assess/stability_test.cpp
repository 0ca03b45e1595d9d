#include "train/assess/stability.h"

#include <gtest/gtest.h>

#include "data/shards/sampler.h"

namespace noggin::assess {
namespace {

using Counts = std::vector<std::uint64_t>;

TEST(Stability, EqualPartsHaveNone) {
  const Counts counts = {40, 60};
  EXPECT_EQ(population_stability(counts, counts).index, 0.0);
}

TEST(Stability, IsThatOfAWorkedExample) {
  // (0.5 - 0.25) ln(0.5 / 0.25) + (0.5 - 0.75) ln(0.5 / 0.75) = 0.27465; half a row in each bin changes little.
  const Stability found = population_stability(Counts{50000, 50000}, Counts{25000, 75000});
  EXPECT_NEAR(found.index, 0.27465, 1e-4);
  EXPECT_EQ(found.before, 100000U);
  // 95 % point of chi-square with one degree of freedom: 3.8415.
  EXPECT_NEAR(found.chance, 3.8415 * 2e-5, 1e-8);
  EXPECT_TRUE(found.moved(0.2));
  EXPECT_FALSE(found.moved(0.3));
}

TEST(Stability, FewRowsOfManyBinsDoNotMoveByChance) {
  int moved = 0, above_limit = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Counts parts[2] = {Counts(50), Counts(50)};
    for (std::size_t row = 0; row < 400; ++row) ++parts[row % 2][data::random_bits(seed, 0, row) % 50];
    const Stability found = population_stability(parts[0], parts[1]);
    above_limit += found.index > 0.2 ? 1 : 0;
    moved += found.moved(0.2) ? 1 : 0;
  }
  EXPECT_GE(above_limit, 90);  // which is what the index alone would say
  EXPECT_LE(moved, 12);
}

TEST(Stability, EmptyPartsSayNothing) {
  EXPECT_FALSE(population_stability(Counts{0, 0}, Counts{3, 4}).moved(0.0));
  EXPECT_FALSE(population_stability(Counts{}, Counts{}).moved(0.0));
  EXPECT_FALSE(population_stability(Counts{9, 0}, Counts{5, 0}).moved(0.0));
}

TEST(Stability, SortedAnswersAreRecognised) {
  std::vector<std::int32_t> sorted, mixed;
  for (std::int32_t i = 0; i < 600; ++i) {
    sorted.push_back(i / 100);
    mixed.push_back(static_cast<std::int32_t>(data::random_bits(1, 0, static_cast<std::uint64_t>(i)) % 6));
  }
  EXPECT_TRUE(looks_sorted(sorted));
  EXPECT_FALSE(looks_sorted(mixed));
  EXPECT_FALSE(looks_sorted(std::vector<std::int32_t>(50, 3)));
  EXPECT_FALSE(looks_sorted(std::vector<std::int32_t>{1}));
}

}  // namespace
}  // namespace noggin::assess
