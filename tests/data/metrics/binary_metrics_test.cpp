#include "data/metrics/binary_metrics.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "data/metrics/calibration.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;

using Floats = std::vector<float>;
using Labels = std::vector<std::int32_t>;

TEST(MultiLabelMetrics, CountsByHand) {
  EXPECT_EQ(count_labels(Labels{0, 1}, Floats{1, 0, 0}), (SpanCounts{2, 1, 1}));
  EXPECT_EQ(count_labels(Labels{2}, Floats{0.5F, 1, 0.4F}), (SpanCounts{1, 2, 0}));
  EXPECT_EQ(count_labels({}, Floats{1, 0}), (SpanCounts{0, 1, 0}));
}

// F1 of one class that is answered from `cut` on.
double f1_at(float cut, const Floats& probabilities, const Floats& gold) {
  SpanCounts counts;
  for (std::size_t row = 0; row < gold.size(); ++row) {
    const Labels answered(probabilities[row] >= cut ? 1 : 0, 0);
    counts += count_labels(answered, std::span(gold).subspan(row, 1));
  }
  return counts.f1();
}

TEST(MultiLabelMetrics, BestThresholdsByHand) {
  // Class 0: all three positives are above 0.3, one negative between them; class 1 has no positive.
  const Floats probabilities = {0.9F, 0.9F, 0.4F, 0.8F, 0.35F, 0.1F, 0.1F, 0.1F, 0.38F, 0.5F};
  const Floats gold = {1, 0, 1, 0, 1, 0, 0, 0, 0, 0};
  const Floats thresholds = best_thresholds(probabilities, gold, Labels{0, 0, 0, 0, 0}, 2);
  EXPECT_NEAR(thresholds[0], (0.35F + 0.1F) / 2, 1e-6);  // F1 6/7 there, 4/5 above 0.38
  EXPECT_EQ(thresholds[1], 0.5F);
}

TEST(MultiLabelMetrics, BestThresholdsAgreeWithBruteForce) {
  std::mt19937 random(5);
  for (int round = 0; round < 100; ++round) {
    Floats probabilities, gold;
    const Labels has_gold(12, 0);
    for (std::size_t i = 0; i < has_gold.size(); ++i) {
      probabilities.push_back(static_cast<float>(random() % 8) / 8.0F);
      gold.push_back(static_cast<float>(random() % 2));
    }
    double best = 0.0;
    for (float cut = 0.0F; cut < 1.1F; cut += 1.0F / 64) best = std::max(best, f1_at(cut, probabilities, gold));
    const Floats found = best_thresholds(probabilities, gold, has_gold, 1);
    EXPECT_DOUBLE_EQ(f1_at(found[0], probabilities, gold), best);
  }
}

TEST(MultiLabelMetrics, AThresholdBetweenNeighboursKeepsThemApart) {
  const float low = 0.5F, high = std::nextafter(low, 1.0F);
  const Floats found = best_thresholds(Floats{low, high}, Floats{0, 1}, Labels{0, 0}, 1);
  EXPECT_THAT(found, ElementsAre(high));
}

TEST(BestScoreThreshold, ByHand) {
  // A yes among the low ones costs one row, a cut at 0.8 would cost two.
  const Floats predictions = {0.9F, 0.7F, 0.6F, 0.4F, 0.3F, 0.2F, 0.99F};
  const std::vector<char> yes = {1, 1, 1, 0, 0, 1, 0};
  const auto found = best_score_threshold(predictions, yes, Labels{0, 0, 0, 0, 0, 0, -1});
  ASSERT_TRUE(found);
  EXPECT_NEAR(*found, 0.5F, 1e-6);
  EXPECT_FALSE(best_score_threshold(predictions, yes, Labels(7, -1))) << "no gold, nothing to fit";
}

TEST(BestScoreThreshold, AgreesWithBruteForce) {
  std::mt19937 random(6);
  for (int round = 0; round < 100; ++round) {
    Floats predictions;
    std::vector<char> yes;
    const Labels has_gold(12, 0);
    for (std::size_t i = 0; i < has_gold.size(); ++i) {
      predictions.push_back(static_cast<float>(random() % 8) / 8.0F);
      yes.push_back(static_cast<char>(random() % 2));
    }
    const auto right = [&](float cut) {
      std::size_t count = 0;
      for (std::size_t i = 0; i < yes.size(); ++i) count += (predictions[i] >= cut) == (yes[i] != 0) ? 1 : 0;
      return count;
    };
    std::size_t best = 0;
    const float highest = *std::max_element(predictions.begin(), predictions.end());
    for (float cut = 0.0F; cut <= highest; cut += 1.0F / 64) best = std::max(best, right(cut));
    EXPECT_EQ(right(*best_score_threshold(predictions, yes, has_gold)), best);
  }
}

TEST(CalibrationErrorOfScores, ErrorsInOneBinCancel) {
  EXPECT_NEAR(calibration_error(Floats{0.5F, 0.5F}, Floats{0.25F, 0.75F}), 0.0, 1e-9);
  EXPECT_NEAR(calibration_error(Floats{0.5F, 0.5F}, Floats{0.25F, 0.25F}), 0.25, 1e-9);
}

TEST(BinaryCrossEntropy, IsItsDefinition) {
  const Floats logits = {2.0F, -1.0F, 0.0F, 3.0F, 9.0F, 9.0F}, gold = {1.0F, 0.25F, 0.5F, 0.0F, 1, 1};
  const auto term = [](double z, double g) {
    const double s = 1.0 / (1.0 + std::exp(-z));
    return -g * std::log(s) - (1.0 - g) * std::log(1.0 - s);
  };
  const double expected = (term(1, 1) + term(-0.5, 0.25) + term(0, 0.5) + term(1.5, 0)) / 4;
  EXPECT_NEAR(mean_binary_cross_entropy(logits, gold, Labels{0, 0, -1}, 2, 2.0), expected, 1e-12);
  EXPECT_NEAR(mean_binary_cross_entropy(Floats{-1000.0F}, Floats{1.0F}, Labels{0}, 1), 1000.0, 1e-9) << "no overflow";
}

TEST(BinaryCrossEntropy, TheFitFindsTheTemperature) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> draw(-3.0F, 3.0F);
  Floats logits, gold;
  Labels has_gold;
  for (int i = 0; i < 500; ++i) {
    const float z = draw(random);
    logits.push_back(2.5F * z);
    gold.push_back(1.0F / (1.0F + std::exp(-z)));
    has_gold.push_back(0);
  }
  EXPECT_NEAR(fit_sigmoid_temperature(logits, gold, has_gold, 1), 2.5, 1e-3);
  EXPECT_EQ(fit_sigmoid_temperature(logits, gold, Labels(500, -1), 1), 1.0);
}

}  // namespace
}  // namespace noggin::data
