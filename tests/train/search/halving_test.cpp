#include "train/search/halving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::train {
namespace {

using testing::ElementsAre;

std::vector<std::pair<double, std::size_t>> rungs(std::size_t candidates) {
  std::vector<std::pair<double, std::size_t>> found;
  for (const Rung& rung : rungs_of(candidates)) found.emplace_back(rung.length, rung.trials);
  return found;
}

TEST(Halving, FewCandidatesSkipTheShortRungs) {
  using R = std::pair<double, std::size_t>;
  EXPECT_THAT(rungs(1), ElementsAre(R(1.0, 1)));
  EXPECT_THAT(rungs(2), ElementsAre(R(1.0, 2)));
  EXPECT_THAT(rungs(3), ElementsAre(R(0.5, 3), R(1.0, 2)));
  EXPECT_THAT(rungs(4), ElementsAre(R(0.5, 4), R(1.0, 2)));
  EXPECT_THAT(rungs(5), ElementsAre(R(0.25, 5), R(0.5, 3), R(1.0, 2)));
  EXPECT_THAT(rungs(12), ElementsAre(R(0.25, 12), R(0.5, 6), R(1.0, 2)));
}

TEST(Halving, TheBestFirstAndOfEqualOnesTheSmaller) {
  EXPECT_THAT(ranked({{"a", 0.90, 500}, {"b", 0.92, 900}, {"c", 0.92, 700}, {"d", 0.80, 10}}, {}),
              ElementsAre("c", "b", "a", "d"));
}

TEST(Halving, WithALeastQualityTheSmallestThatReachesItFirst) {
  EXPECT_THAT(ranked({{"a", 0.90, 500}, {"b", 0.92, 900}, {"c", 0.88, 100}, {"d", 0.89, 50}}, {0.90}),
              ElementsAre("a", "b", "d", "c"));
}

// right[i] of 200 rows, the first ones.
std::vector<data::RowScore> scores(std::size_t right) {
  std::vector<data::RowScore> rows(200, {0.0, 1.0});
  for (std::size_t i = 0; i < right; ++i) rows[i].right = 1.0;
  return rows;
}

TEST(Halving, OfThoseThatTheBestIsNotClearlyBetterThanTheSmallestWins) {
  const std::vector<Standing> standings = {{"best", 0.95, 900}, {"equal", 0.945, 300}, {"worse", 0.80, 100}};
  const std::vector<std::vector<data::RowScore>> rows = {scores(190), scores(189), scores(160)};
  EXPECT_EQ(smallest_equal(standings, rows, {}), 1U);
  const std::vector<Standing> alone = {{"best", 0.95, 900}, {"worse", 0.80, 100}};
  const std::vector<std::vector<data::RowScore>> two = {scores(190), scores(160)};
  EXPECT_EQ(smallest_equal(alone, two, {}), 0U);
}

}  // namespace
}  // namespace noggin::train
