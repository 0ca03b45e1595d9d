#include "export/report/cascade.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace noggin::exporter {
namespace {

using data::Confidence;

// Two rows of 0.9 (one wrong), one of 0.8, two of 0.5 (both wrong); shuffled.
const std::vector<Confidence> kFive = {{0.5F, false}, {0.9F, true}, {0.8F, true}, {0.9F, false}, {0.5F, false}};

// `rows` answers; the probability that one is right is its own, rounded to steps so that there are ties.
std::vector<Confidence> calibrated(std::size_t rows, std::uint64_t seed, double steps) {
  std::uint64_t state = seed;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11U) / 9007199254740992.0;
  };
  std::vector<Confidence> answers;
  for (std::size_t i = 0; i < rows; ++i) {
    const double p = std::sqrt(uniform());
    answers.push_back({static_cast<float>(std::floor(p * steps) / steps), uniform() < p});
  }
  return answers;
}

TEST(RiskCoverage, RowsOfEqualProbabilityAreOneStep) {
  const RiskCoverage curve = risk_coverage(kFive);
  ASSERT_EQ(curve.points.size(), 3U);
  EXPECT_EQ(curve.points[0].answered, 2U);
  EXPECT_DOUBLE_EQ(curve.points[0].accuracy(), 0.5);
  EXPECT_NEAR(curve.points[0].abstain_below, 0.85F, 1e-6F);
  EXPECT_DOUBLE_EQ(curve.points[1].coverage(), 0.6);
  EXPECT_DOUBLE_EQ(curve.points[1].accuracy(), 2.0 / 3.0);
  EXPECT_EQ(curve.points[2].abstain_below, 0.0F);
  EXPECT_DOUBLE_EQ(curve.points[2].accuracy(), 0.4);
}

TEST(RiskCoverage, AreaIsTheMeanRiskWithErrorsOfATieSpreadEvenly) {
  // Expected errors among the first 1 to 5 rows: 0.5, 1, 1, 2, 3.
  EXPECT_NEAR(risk_coverage(kFive).area, (0.5 / 1 + 1.0 / 2 + 1.0 / 3 + 2.0 / 4 + 3.0 / 5) / 5.0, 1e-12);
  EXPECT_NEAR(risk_coverage(kFive).smallest_area, (0.0 + 0.0 + 1.0 / 3 + 2.0 / 4 + 3.0 / 5) / 5.0, 1e-12);
  std::vector<Confidence> same(50, {0.7F, true});
  for (std::size_t i = 0; i < 10; ++i) same[i].right = false;
  EXPECT_NEAR(risk_coverage(same).area, 0.2, 1e-12) << "one probability for all: the risk everywhere is that of all";
  const std::vector<Confidence> wrong(3, {0.7F, false}), right(3, {0.7F, true});
  EXPECT_EQ(risk_coverage(wrong).smallest_area, 1.0);
  EXPECT_EQ(risk_coverage(right).area, 0.0);
}

TEST(RiskCoverage, EveryPointIsWhatItsThresholdDoes) {
  for (const double steps : {1e7, 300.0, 7.0}) {
    const std::vector<Confidence> answers = calibrated(3000, 5, steps);
    const RiskCoverage curve = risk_coverage(answers);
    EXPECT_LE(curve.points.size(), RiskCoverage::kMaxPoints);
    EXPECT_EQ(curve.points.back().answered, answers.size());
    std::uint64_t before = 0;
    for (const OperatingPoint& point : curve.points) {
      const OperatingPoint direct = operating_point(answers, point.abstain_below);
      EXPECT_EQ(point.answered, direct.answered);
      EXPECT_EQ(point.right, direct.right);
      EXPECT_GT(point.answered, before);
      before = point.answered;
    }
  }
}

TEST(RiskCoverage, NeighbouringFloatsAreStillTold) {
  const float upper = 0.75F, lower = std::nextafter(upper, 0.0F);
  const std::vector<Confidence> answers = {{upper, true}, {lower, false}};
  const RiskCoverage curve = risk_coverage(answers);
  ASSERT_EQ(curve.points.size(), 2U);
  EXPECT_EQ(operating_point(answers, curve.points[0].abstain_below).answered, 1U);
}

TEST(RiskCoverage, NoRowsAndNoNumbers) {
  EXPECT_TRUE(risk_coverage({}).points.empty());
  EXPECT_FALSE(threshold_for_accuracy({}, 0.5, AccuracyRule::kMeasured).has_value());
  EXPECT_FALSE(threshold_for_escalation({}, 0.5).has_value());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Confidence> answers = {{nan, true}, {0.6F, true}, {nan, false}};
  EXPECT_EQ(risk_coverage(answers).points[0].answered, 1U);
  EXPECT_EQ(operating_point(answers, 0.1F).answered, 1U);
}

TEST(ThresholdForAccuracy, IsTheLargestCoverageThatReachesTheWish) {
  for (const double steps : {1e7, 50.0}) {
    const std::vector<Confidence> answers = calibrated(2000, 9, steps);
    for (const AccuracyRule rule : {AccuracyRule::kMeasured, AccuracyRule::kLowerBound}) {
      for (const double wish : {0.7, 0.8, 0.9, 0.95}) {
        // By trying every probability as a threshold.
        std::uint64_t max_answered = 0;
        for (const Confidence& candidate : answers) {
          const OperatingPoint point = operating_point(answers, candidate.probability);
          const bool reached =
              rule == AccuracyRule::kMeasured ? point.accuracy() >= wish : point.accuracy_low() >= wish;
          if (reached) max_answered = std::max(max_answered, point.answered);
        }
        const auto found = threshold_for_accuracy(answers, wish, rule);
        EXPECT_EQ(found ? found->answered : 0, max_answered) << wish << " steps " << steps;
        EXPECT_EQ(found ? operating_point(answers, found->abstain_below).answered : 0, max_answered);
      }
    }
  }
}

TEST(ThresholdForAccuracy, LooksBeyondADipAndKnowsWhenNothingReaches) {
  const auto found = threshold_for_accuracy(kFive, 0.6, AccuracyRule::kMeasured);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->answered, 3U) << "the two surest rows alone have only 50 %";
  EXPECT_FALSE(threshold_for_accuracy(kFive, 0.7, AccuracyRule::kMeasured).has_value());
  EXPECT_FALSE(threshold_for_accuracy(kFive, 0.6, AccuracyRule::kLowerBound).has_value()) << "three rows prove nothing";
  // 59 rows without an error are the fewest that prove 95 %.
  EXPECT_TRUE(
      threshold_for_accuracy(std::vector<Confidence>(59, {0.9F, true}), 0.95, AccuracyRule::kLowerBound).has_value());
  EXPECT_FALSE(
      threshold_for_accuracy(std::vector<Confidence>(58, {0.9F, true}), 0.95, AccuracyRule::kLowerBound).has_value());
}

TEST(ThresholdForAccuracy, AnExactWishIsReachedWhateverItsLastBit) {
  std::vector<Confidence> answers(20, {0.9F, true});
  answers[3].right = false;
  EXPECT_TRUE(threshold_for_accuracy(answers, 0.95, AccuracyRule::kMeasured).has_value());
  EXPECT_FALSE(threshold_for_accuracy(answers, 0.951, AccuracyRule::kMeasured).has_value());
}

TEST(ThresholdForEscalation, StaysWithinTheBudget) {
  EXPECT_EQ(threshold_for_escalation(kFive, 0.4)->answered, 3U);
  EXPECT_EQ(threshold_for_escalation(kFive, 0.39)->answered, 5U) << "the two rows of 0.5 go together";
  EXPECT_EQ(threshold_for_escalation(kFive, 0.0)->abstain_below, 0.0F);
  EXPECT_EQ(threshold_for_escalation(kFive, 1.0)->answered, 2U) << "a threshold that answers nothing is never chosen";
  const std::vector<Confidence> answers = calibrated(1000, 3, 1e7);
  EXPECT_EQ(threshold_for_escalation(answers, 0.1)->answered, 900U);
}

TEST(Cascade, CostAndAccuracyOfTheWhole) {
  const std::vector<std::uint8_t> teacher = {1, 0, 0, 1, 0};
  const OperatingPoint point = operating_point(kFive, 0.6F);
  EXPECT_NEAR(cost_per_thousand(point, {0.001, 0.5}), 1.0 + 400.0 * 0.5, 1e-9);
  EXPECT_EQ(cascade_correct(kFive, teacher, 0.6F), (std::vector<std::uint8_t>{1, 1, 1, 0, 0}));
  EXPECT_EQ(cascade_correct(kFive, teacher, 0.0F), (std::vector<std::uint8_t>{0, 1, 1, 0, 0}));
  EXPECT_EQ(cascade_correct(kFive, teacher, 1.0F), teacher);
}

}  // namespace
}  // namespace noggin::exporter
