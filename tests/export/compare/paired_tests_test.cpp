// The exact tests against values that can be counted by hand. scipy_test.cpp has an independent implementation.
#include "export/compare/paired_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "export/report/several_tests.h"

namespace noggin::exporter {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

TEST(McNemar, CountsTheSplitsThatAreAtLeastAsUneven) {
  // 10 discordant rows, 8 to 2: (1 + 10 + 45) / 1024 on each side; 45 / 1024 is the split itself.
  const McNemar p = mcnemar({8, 2});
  EXPECT_NEAR(p.exact_p, 2.0 * 56 / 1024, 1e-12);
  EXPECT_NEAR(p.mid_p, (2.0 * 56 - 45) / 1024, 1e-12);
  EXPECT_EQ(mcnemar({2, 8}).mid_p, p.mid_p);
}

TEST(McNemar, AnEvenSplitAndNoDiscordantRowsShowNothing) {
  EXPECT_NEAR(mcnemar({6, 6}).mid_p, 1.0, 1e-12);
  EXPECT_NEAR(mcnemar({6, 6}).exact_p, 1.0, 1e-12);
  EXPECT_EQ(mcnemar({0, 0}).mid_p, 1.0);
  EXPECT_LT(mcnemar({0, 5000}).mid_p, 1e-300);  // no overflow
}

TEST(SignFlip, OfSingleRowsIsMcNemar) {
  for (const Discordant rows : {Discordant{8, 2}, Discordant{3, 4}, Discordant{0, 7}, Discordant{1, 0}}) {
    std::vector<std::int64_t> sums(rows.mended, 1);
    sums.insert(sums.end(), rows.broken, -1);
    sums.insert(sums.end(), 5, 0);
    EXPECT_NEAR(sign_flip(sums).exact_p, mcnemar(rows).exact_p, 1e-12);
    EXPECT_NEAR(sign_flip(sums).mid_p, mcnemar(rows).mid_p, 1e-12);
  }
}

TEST(SignFlip, AGroupThatMovesAsOneCountsAsOne) {
  const std::int64_t one_template[] = {-40};
  EXPECT_NEAR(sign_flip(one_template).exact_p, 1.0, 1e-12);  // rows alone would be at 2^-39
  const std::int64_t mixed[] = {-3, -2, 1};  // |sum| = 4 or more: -3-2-1, -3-2+1 and their mirrors, of 8
  EXPECT_NEAR(sign_flip(mixed).exact_p, 0.5, 1e-12);
  EXPECT_NEAR(sign_flip(mixed).mid_p, 0.375, 1e-12);
}

TEST(SignFlip, LargeSumsAgreeWithTheExactOnes) {
  std::vector<std::int64_t> sums;
  for (int i = 0; i < 300; ++i) sums.push_back(i % 5 == 0 ? 30 : -25);
  sums[0] = static_cast<std::int64_t>(kMostExactSum);  // now normal
  const double p = sign_flip(sums).exact_p;
  EXPECT_GT(p, 0.0);
  EXPECT_LE(p, 1.0);
  EXPECT_EQ(sign_flip({}).mid_p, 1.0);
}

TEST(Equivalence, FewRowsProveNothingThoughNoneChanged) {
  EXPECT_GT(equivalence_test({0, 0}, 10, 0.01).p(), 0.3);
  EXPECT_GT(equivalence_test({0, 0}, 260, 0.01).p(), 0.05);
  EXPECT_LE(equivalence_test({0, 0}, 280, 0.01).p(), 0.05);
  EXPECT_EQ(units_for_margin(0.01), 299);
}

TEST(Equivalence, IsLostInTheDirectionOfTheDifference) {
  const EquivalenceTest worse = equivalence_test({2, 40}, 1000, 0.01);
  EXPECT_GT(worse.p_above_minus_margin, 0.9);
  EXPECT_LT(worse.p_below_margin, 1e-6);
  const EquivalenceTest better = equivalence_test({40, 2}, 1000, 0.01);
  EXPECT_EQ(better.p_below_margin, worse.p_above_minus_margin);
  EXPECT_EQ(equivalence_test({0, 0}, 0, 0.01).p(), 1.0);
  EXPECT_EQ(equivalence_test({0, 0}, 1000, 0.0).p(), 1.0);  // no difference is below 0
}

TEST(Holm, ComparesTheSmallestWithAll) {
  const double p[] = {0.01, 0.04, 0.03, 0.5};
  EXPECT_THAT(holm(p), ElementsAre(DoubleNear(0.04, 1e-12), DoubleNear(0.09, 1e-12), DoubleNear(0.09, 1e-12),
                                   DoubleNear(0.5, 1e-12)));
  EXPECT_TRUE(holm({}).empty());
}

TEST(Power, RowsAndDropsBelongTogether) {
  for (const double discordant : {0.02, 0.05, 0.2}) {
    const std::uint64_t rows = rows_for_drop(0.01, discordant);
    EXPECT_LE(detectable_drop(rows, discordant), 0.01);
    EXPECT_GT(detectable_drop(rows - rows / 20, discordant), 0.01);
  }
  EXPECT_EQ(detectable_drop(3, 0.1), 1.0);  // so few rows show nothing
  EXPECT_GT(rows_for_equivalence(0.01, 0.05), rows_for_equivalence(0.02, 0.05));
  EXPECT_EQ(rows_for_equivalence(0.01, 0.0), units_for_margin(0.01));
}

TEST(Normal, QuantilesAreInverse) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963985, 1e-8);
  EXPECT_NEAR(normal_below(normal_quantile(0.01)), 0.01, 1e-12);
}

}  // namespace
}  // namespace noggin::exporter
