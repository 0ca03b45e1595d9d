#include "export/report/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace noggin::exporter {
namespace {

// `wrong` zeros spread over `rows` rows.
std::vector<data::RowScore> answers(std::size_t rows, std::size_t wrong) {
  std::vector<data::RowScore> scores(rows, {1.0, 1.0});
  for (std::size_t i = 0; i < wrong; ++i) scores[i * rows / wrong].right = 0.0;
  return scores;
}

TEST(BootstrapAccuracy, AgreesWithTheNormalInterval) {
  const Interval interval = bootstrap_ratio(answers(2000, 200), {});
  const double half = 1.96 * std::sqrt(0.9 * 0.1 / 2000.0);
  EXPECT_DOUBLE_EQ(interval.value, 0.9);
  EXPECT_NEAR(interval.low, 0.9 - half, 0.1 * half);
  EXPECT_NEAR(interval.high, 0.9 + half, 0.1 * half);
}

TEST(BootstrapAccuracy, CoversTheTruthAboutAsOftenAsItSays) {
  // Samples of 200 rows with a known rate of 0.8, from a simple generator of the test's own.
  std::uint64_t state = 12345;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11U) / 9007199254740992.0;
  };
  int covered = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<data::RowScore> correct(200);
    for (data::RowScore& row : correct) row = {uniform() < 0.8 ? 1.0 : 0.0, 1.0};
    BootstrapOptions options;
    options.resamples = 400;
    options.seed = static_cast<std::uint64_t>(trial);
    const Interval interval = bootstrap_ratio(correct, options);
    covered += interval.low <= 0.8 && 0.8 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 270);  // 95 % of 300 is 285; four standard deviations below
  EXPECT_LE(covered, 299);
}

TEST(BootstrapAccuracy, SeedDecidesAndNothingElse) {
  const auto rows = answers(500, 77);
  BootstrapOptions other;
  other.seed = 2;
  EXPECT_EQ(bootstrap_ratio(rows, {}), bootstrap_ratio(rows, {}));
  EXPECT_NE(bootstrap_ratio(rows, {}), bootstrap_ratio(rows, other));
}

TEST(BootstrapAccuracy, EdgesOfTheRange) {
  EXPECT_EQ(bootstrap_ratio({}, {}), Interval{});
  EXPECT_EQ(bootstrap_ratio(answers(50, 0), {}), (Interval{1.0, 1.0, 1.0}));
  const std::vector<data::RowScore> one = {{0.0, 1.0}};
  EXPECT_EQ(bootstrap_ratio(one, {}), Interval{});
}

TEST(BootstrapAccuracy, ClustersWidenTheInterval) {
  // 100 clusters of 10 equal rows: as uncertain as 100 rows.
  std::vector<data::RowScore> rows(1000);
  std::vector<std::uint32_t> clusters(1000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    clusters[i] = static_cast<std::uint32_t>(i / 10);
    rows[i] = {clusters[i] % 5 == 0 ? 0.0 : 1.0, 1.0};
  }
  BootstrapOptions options;
  const Interval alone = bootstrap_ratio(rows, options);
  options.clusters = clusters;
  const Interval together = bootstrap_ratio(rows, options);
  EXPECT_EQ(together.value, 0.8);
  EXPECT_NEAR((together.high - together.low) / (alone.high - alone.low), std::sqrt(10.0), 0.4);
}

TEST(BootstrapDrop, PairingIsTighterThanTwoIntervals) {
  // The target differs from the reference in 10 of 1000 rows, all worse.
  const auto reference = answers(1000, 100);
  auto target = reference;
  for (std::size_t i = 1, changed = 0; changed < 10; i += 7) {
    if (target[i].right > 0.0) {
      target[i].right = 0.0;
      ++changed;
    }
  }
  const Interval drop = bootstrap_drop(reference, target, {});
  EXPECT_NEAR(drop.value, 0.01, 1e-12);
  EXPECT_GT(drop.low, 0.003);
  EXPECT_LT(drop.high, 0.018);
  EXPECT_EQ(bootstrap_drop(reference, reference, {}), Interval{});
}

TEST(BootstrapRatio, RowsWeighAsMuchAsTheyCount) {
  // F1 of two texts: 2 * 1 of 4 spans, 2 * 3 of 6: not the mean of 0.5 and 1.
  const std::vector<data::RowScore> rows = {{2.0, 4.0}, {6.0, 6.0}, {0.0, 0.0}};
  EXPECT_DOUBLE_EQ(bootstrap_ratio(rows, {}).value, 0.8);
  EXPECT_DOUBLE_EQ(data::ratio(rows), 0.8);
  const Interval nothing = bootstrap_ratio(std::vector<data::RowScore>(3), {});
  EXPECT_EQ(nothing, Interval{}) << "no row counts";
}

TEST(AccuracyScores, RowsWithoutGoldDoNotCount) {
  const std::vector<std::int32_t> predicted = {1, 2, 3, 0}, gold = {1, 0, 3, -1};
  const std::vector<data::RowScore> scores = accuracy_scores(predicted, gold);
  EXPECT_DOUBLE_EQ(data::ratio(scores), 2.0 / 3.0);
  EXPECT_EQ(scores[3].of, 0.0);
}

TEST(BootstrapMacroF1, HoldsTheMeasuredValueAndNarrowsWithRows) {
  std::vector<std::int32_t> gold, predicted;
  for (int i = 0; i < 2000; ++i) {
    gold.push_back(i % 5);
    predicted.push_back(i % 7 == 0 ? (i + 1) % 5 : i % 5);
  }
  std::vector<std::uint32_t> all(gold.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  const Interval many = bootstrap_macro_f1(predicted, gold, {});
  EXPECT_DOUBLE_EQ(many.value, data::macro_f1(predicted, gold, all));
  EXPECT_LT(many.low, many.value);
  EXPECT_GT(many.high, many.value);
  const Interval few = bootstrap_macro_f1(std::span(predicted).first(100), std::span(gold).first(100), {});
  EXPECT_GT(few.high - few.low, 2.0 * (many.high - many.low));
  EXPECT_EQ(bootstrap_macro_f1({}, {}, {}), Interval{});
}

TEST(BootstrapCalibrationError, DrawsClustersTogether) {
  std::vector<data::Confidence> answers;
  std::vector<std::uint32_t> clusters;
  for (std::uint32_t i = 0; i < 600; ++i) {
    clusters.push_back(i / 30);
    answers.push_back({0.8F, clusters.back() % 5 != 0});  // whole clusters are wrong
  }
  const Interval alone = bootstrap_calibration_error(answers, {});
  BootstrapOptions options;
  options.clusters = clusters;
  const Interval together = bootstrap_calibration_error(answers, options);
  EXPECT_NEAR(together.value, 0.0, 1e-6);
  EXPECT_EQ(alone.value, together.value);
  EXPECT_GT(together.high, 2.0 * alone.high);
}

TEST(Median, IsTheMiddleOrTheUpperOfTwo) {
  EXPECT_EQ(median({}), 0.0);
  EXPECT_EQ(median({7.0, 1.0, 3.0}), 3.0);
  EXPECT_EQ(median({4.0, 1.0, 9.0, 2.0}), 4.0);
}

}  // namespace
}  // namespace noggin::exporter
