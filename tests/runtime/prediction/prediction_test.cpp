#include "prediction/prediction.h"

#include <gtest/gtest.h>

#include "kernels/float_environment.h"

namespace noggin::runtime {
namespace {

Prediction answer_to(std::vector<float> logits, const format::Decision& decision) {
  const FloatEnvironment environment;
  return prediction_of(logits, decision);
}

TEST(Prediction, OfLogitsIsOfTheTasksKind) {
  const std::vector<float> thresholds = {0.75F, 0.25F, 0.5F};
  const auto one = std::get<ClassAnswer>(answer_to({0, 2, 1}, {TaskKind::kSingleLabel, 1.0F, 0.9F}));
  EXPECT_EQ(one.label, 1U);
  EXPECT_NEAR(one.probability, 0.6652, 1e-4);
  EXPECT_TRUE(one.abstained);
  const auto set = std::get<LabelSetAnswer>(answer_to({0, 0, 0}, {TaskKind::kMultiLabel, 1.0F, 0.0F, thresholds}));
  ASSERT_EQ(set.labels.size(), 2U) << "0.5 reaches 0.25 and 0.5, but not 0.75";
  EXPECT_EQ(set.labels[0].label, 1U);
  EXPECT_EQ(set.labels[1].label, 2U);
  EXPECT_EQ(set.labels[1].probability, 0.5F);
  const std::span<const float> first(thresholds.data(), 1);
  const auto score = std::get<ScoreAnswer>(answer_to({0}, {TaskKind::kScore, 1.0F, 0.0F, first}));
  EXPECT_EQ(score.score, 0.5F);
  EXPECT_FALSE(score.positive);
  EXPECT_TRUE(std::get<ScoreAnswer>(answer_to({2}, {TaskKind::kScore, 1.0F, 0.0F, first})).positive);
  EXPECT_EQ(std::get<ClassAnswer>(answer_to({0, 3, 1}, {TaskKind::kTag})).label, 1U) << "of one token";
}

TEST(Prediction, SameDecisionComparesWhatWasDecided) {
  EXPECT_TRUE(same_decision(ClassAnswer{1, 0.5F, false}, ClassAnswer{1, 0.75F, false}));
  EXPECT_FALSE(same_decision(ClassAnswer{1, 0.5F, false}, ClassAnswer{2, 0.5F, false}));
  EXPECT_FALSE(same_decision(ClassAnswer{1, 0.5F, false}, ClassAnswer{1, 0.5F, true}));
  EXPECT_TRUE(same_decision(LabelSetAnswer{{{1, 0.5F}}}, LabelSetAnswer{{{1, 0.75F}}}));
  EXPECT_FALSE(same_decision(LabelSetAnswer{{{1, 0.5F}}}, LabelSetAnswer{{{1, 0.5F}, {2, 0.5F}}}));
  EXPECT_FALSE(same_decision(LabelSetAnswer{{{1, 0.5F}}}, LabelSetAnswer{{{0, 0.5F}}}));
  EXPECT_TRUE(same_decision(ScoreAnswer{0.5F, true}, ScoreAnswer{0.5001F, true})) << "a thousandth: 0.500";
  EXPECT_FALSE(same_decision(ScoreAnswer{0.5F, true}, ScoreAnswer{0.501F, true}));
  EXPECT_FALSE(same_decision(ScoreAnswer{0.5F, true}, ScoreAnswer{0.5F, false}));
  EXPECT_TRUE(same_decision(SpanAnswer{{{{0, 3}, 1, 0.5F}}}, SpanAnswer{{{{0, 3}, 1, 0.75F}}}));
  EXPECT_FALSE(same_decision(SpanAnswer{{{{0, 3}, 1, 0.5F}}}, SpanAnswer{{{{0, 4}, 1, 0.5F}}}));
  EXPECT_FALSE(same_decision(SpanAnswer{{{{0, 3}, 1, 0.5F}}}, SpanAnswer{{{{0, 3}, 0, 0.5F}}}));
  EXPECT_FALSE(same_decision(SpanAnswer{}, SpanAnswer{{{{0, 3}, 0, 0.5F}}}));
  EXPECT_FALSE(same_decision(TextAnswer{TextAnswer::Kind::kEdited, "a"}, TextAnswer{TextAnswer::Kind::kEdited, "b"}));
  EXPECT_FALSE(same_decision(ClassAnswer{}, ScoreAnswer{})) << "of another kind";
}

TEST(Prediction, ThousandthsRoundHalfUp) {
  EXPECT_EQ(thousandths(0.0F), 0);
  EXPECT_EQ(thousandths(0.0625F), 63);
  EXPECT_EQ(thousandths(0.9994F), 999);
  EXPECT_EQ(thousandths(1.0F), 1000);
}

}  // namespace
}  // namespace noggin::runtime
