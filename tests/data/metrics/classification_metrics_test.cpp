#include "data/metrics/classification_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace noggin::data {
namespace {

TEST(ClassificationMetrics, CountsByHand) {
  const std::vector<std::int32_t> gold = {0, 0, 1, 2, 2, -1, 1}, predicted = {0, 1, 1, 2, 0, 0, 2};
  const ClassificationMetrics metrics = classification_metrics(predicted, gold, 2);
  EXPECT_EQ(metrics.rows, 6U);
  EXPECT_EQ(metrics.none_rows, 2U);
  EXPECT_DOUBLE_EQ(metrics.accuracy, 3.0 / 6.0);
  EXPECT_DOUBLE_EQ(metrics.in_scope_accuracy, 2.0 / 4.0);
  EXPECT_DOUBLE_EQ(metrics.none_recall, 1.0 / 2.0);
  // Class 0: 1 right, 2 gold, 2 answered; class 1: 1, 2, 2; class 2: 1, 2, 2.
  EXPECT_DOUBLE_EQ(metrics.macro_f1, 0.5);
}

TEST(ClassificationMetrics, AClassThatIsOnlyAnsweredCountsAsZero) {
  const std::vector<std::int32_t> gold = {0, 0}, predicted = {0, 3};
  EXPECT_DOUBLE_EQ(classification_metrics(predicted, gold, -1).macro_f1, (2.0 / 3.0 + 0.0) / 2.0);
}

TEST(ClassificationMetrics, NoRowsAreZeros) {
  const ClassificationMetrics metrics = classification_metrics({}, {}, -1);
  EXPECT_EQ(metrics.rows, 0U);
  EXPECT_EQ(metrics.macro_f1, 0.0);
  EXPECT_EQ(expected_calibration_error({}), 0.0);
  EXPECT_EQ(fit_temperature({}, 3, {}), 1.0);
}

TEST(Calibration, AHonestClassifierHasNoError) {
  // 10 answers at 0.7 of which 7 are right, 4 at 0.5 of which 2 are.
  std::vector<Confidence> answers;
  for (int i = 0; i < 10; ++i) answers.push_back({0.7F, i < 7});
  for (int i = 0; i < 4; ++i) answers.push_back({0.5F, i < 2});
  EXPECT_NEAR(expected_calibration_error(answers), 0.0, 1e-7);
  answers.assign(10, {0.95F, false});
  EXPECT_NEAR(expected_calibration_error(answers), 0.95, 1e-7);
  answers = {{1.0F, true}, {1.0F, false}};  // the last bin holds 1 itself
  EXPECT_NEAR(expected_calibration_error(answers), 0.5, 1e-7);
}

TEST(Calibration, ConfidenceIsTheSoftmaxOfTheAnswer) {
  const std::vector<float> logits = {0.0F, std::log(3.0F), 1000.0F, 999.0F};
  const std::vector<std::int32_t> gold = {1, 1};
  const std::vector<Confidence> answers = confidences(logits, 2, gold);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_NEAR(answers[0].probability, 0.75, 1e-6);
  EXPECT_TRUE(answers[0].right);
  EXPECT_NEAR(answers[1].probability, 1.0 / (1.0 + std::exp(-1.0)), 1e-6);
  EXPECT_FALSE(answers[1].right);
  EXPECT_NEAR(confidences(logits, 2, gold, 2.0)[0].probability, std::sqrt(3.0) / (1.0 + std::sqrt(3.0)), 1e-6);
}

// Labels drawn from softmax(logits), the logits then multiplied: the fit finds the factor.
TEST(Calibration, TemperatureUndoesOverconfidence) {
  std::mt19937 engine(3);
  constexpr std::size_t kRows = 20000, kClasses = 4;
  std::vector<float> logits;
  std::vector<std::int32_t> gold;
  for (std::size_t i = 0; i < kRows; ++i) {
    double sum = 0.0, weights[kClasses];
    for (double& weight : weights) {
      const float logit = static_cast<float>(engine() % 4000) / 1000.0F;
      logits.push_back(2.5F * logit);
      sum += weight = std::exp(double{logit});
    }
    double draw = sum * static_cast<double>(engine()) / 4294967296.0;
    std::int32_t label = 0;
    while (label + 1 < static_cast<std::int32_t>(kClasses) && draw >= weights[label]) draw -= weights[label++];
    gold.push_back(i % 10 == 0 ? -1 : label);
  }
  const double temperature = fit_temperature(logits, kClasses, gold);
  EXPECT_NEAR(temperature, 2.5, 0.12);
  const double fitted = mean_cross_entropy(logits, kClasses, gold, temperature);
  EXPECT_LT(fitted, mean_cross_entropy(logits, kClasses, gold, temperature * 1.05));
  EXPECT_LT(fitted, mean_cross_entropy(logits, kClasses, gold, temperature / 1.05));
  EXPECT_LT(expected_calibration_error(confidences(logits, kClasses, gold, temperature)), 0.02);
  EXPECT_GT(expected_calibration_error(confidences(logits, kClasses, gold)), 0.1);
}

}  // namespace
}  // namespace noggin::data
