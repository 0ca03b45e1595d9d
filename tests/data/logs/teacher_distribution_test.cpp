#include "data/logs/teacher_distribution.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

BuiltDistribution built(ValueKind kind, const std::vector<ListedWord>& words, std::uint32_t top_k = 32) {
  auto result = build_distribution(kind, words, top_k);
  EXPECT_TRUE(std::holds_alternative<BuiltDistribution>(result)) << reason_code(std::get<Rejection>(result).reason);
  return std::get<BuiltDistribution>(result);
}

Reason refused(ValueKind kind, const std::vector<ListedWord>& words) {
  auto result = build_distribution(kind, words, 32);
  EXPECT_TRUE(std::holds_alternative<Rejection>(result));
  return std::get<Rejection>(result).reason;
}

TEST(TeacherDistribution, SortsAndLeavesTheRestAsTail) {
  const auto result = built(ValueKind::kProbs, {{2, 0.1}, {0, 0.6}, {1, 0.0}});
  EXPECT_THAT(result.teacher.classes, ElementsAre(0, 2));
  EXPECT_THAT(result.teacher.probabilities, ElementsAre(0.6F, 0.1F));
  EXPECT_FALSE(result.renormalized);
}

TEST(TeacherDistribution, AddsWordsOfOneClassAndCountsUnmappedOnes) {
  const auto result =
      built(ValueKind::kLogprobs, {{1, std::log(0.3)}, {0, std::log(0.4)}, {1, std::log(0.2)}, {-1, std::log(0.1)}});
  EXPECT_THAT(result.teacher.classes, ElementsAre(1, 0));
  EXPECT_THAT(result.teacher.probabilities, ElementsAre(FloatEq(0.5F), FloatEq(0.4F)));
  EXPECT_EQ(result.unmapped_words, 1U);
}

TEST(TeacherDistribution, CutsToTopKAndPrefersTheLowerClassOnTies) {
  const auto result = built(ValueKind::kProbs, {{3, 0.25}, {2, 0.25}, {1, 0.25}, {0, 0.2}}, 2);
  EXPECT_THAT(result.teacher.classes, ElementsAre(1, 2));
}

TEST(TeacherDistribution, LogitsAreASoftmaxOverWhatIsListed) {
  const auto result = built(ValueKind::kLogits, {{0, 1000.0}, {1, 1000.0 + std::log(3.0)}, {-1, 1000.0}});
  EXPECT_THAT(result.teacher.classes, ElementsAre(1, 0));
  EXPECT_THAT(result.teacher.probabilities, ElementsAre(FloatEq(0.6F), FloatEq(0.2F)));
  EXPECT_FALSE(result.renormalized);
}

TEST(TeacherDistribution, DividesOutRoundingAndRefusesMore) {
  const auto rounded = built(ValueKind::kProbs, {{0, 0.8004}, {1, 0.2004}});
  EXPECT_TRUE(rounded.renormalized);
  EXPECT_FLOAT_EQ(rounded.teacher.probabilities[0], static_cast<float>(0.8004 / 1.0008));
  EXPECT_FALSE(built(ValueKind::kProbs, {{0, 0.75}, {1, 0.25}}).renormalized);
  EXPECT_TRUE(built(ValueKind::kProbs, {{0, 1.0 + 0.999e-3}}).renormalized);
  EXPECT_EQ(refused(ValueKind::kProbs, {{0, 1.0 + 1.001e-3}}), Reason::kSumAboveOne);
  EXPECT_EQ(refused(ValueKind::kLogprobs, {{0, 0.0}, {1, -5.0}}), Reason::kSumAboveOne);
}

TEST(TeacherDistribution, UnmappedMassCountsInTheSumRule) {
  EXPECT_EQ(refused(ValueKind::kProbs, {{0, 0.6}, {-1, 0.6}}), Reason::kSumAboveOne);
}

TEST(TeacherDistribution, RefusesValuesThatAreNoProbabilities) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  for (const ValueKind kind : {ValueKind::kLogprobs, ValueKind::kProbs, ValueKind::kLogits}) {
    EXPECT_EQ(refused(kind, {{0, nan}}), Reason::kNotFinite);
    EXPECT_EQ(refused(kind, {{0, infinity}}), Reason::kNotFinite);
    EXPECT_EQ(refused(kind, {{0, -infinity}, {1, -infinity}}),
              kind == ValueKind::kProbs ? Reason::kNotFinite : Reason::kNoMass);
    EXPECT_EQ(refused(kind, {{-1, -0.0}}), Reason::kNoLabelWord);
    EXPECT_EQ(refused(kind, {}), Reason::kNoLabelWord);
  }
  EXPECT_EQ(refused(ValueKind::kLogprobs, {{0, 0.01}}), Reason::kPositiveLogprob);
  EXPECT_EQ(refused(ValueKind::kLogprobs, {{0, -9999.0}}), Reason::kNoMass);
  EXPECT_EQ(refused(ValueKind::kProbs, {{0, 0.0}, {1, 1e-60}}), Reason::kNoMass);
}

// As distribution_of() gives it, which looks for more than an answer that is settled can hold.
TEST(TeacherDistribution, OfASettledAnswerIsTheSame) {
  const std::vector<std::vector<ClassMass>> answers = {
      {{3, 0.5}, {0, 0.25}, {2, 0.25}, {1, 1e-60}}, {{2, 1.0 + 1e-12}}, {{4, 0.0}}, {}, {{2, 0.5}, {1, 0.5}}};
  for (const std::vector<ClassMass>& answer : answers) {
    const TeacherDistribution expected = distribution_of(answer, 32);
    TeacherDistribution settled{{7, 8}, {0.5F, 0.25F}};
    settled_distribution(answer, settled);
    EXPECT_EQ(settled.classes, expected.classes);
    EXPECT_EQ(settled.probabilities, expected.probabilities);
  }
}

}  // namespace
}  // namespace noggin::data
