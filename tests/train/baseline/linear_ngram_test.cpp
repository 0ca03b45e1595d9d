#include "train/baseline/linear_ngram.h"

#include <gtest/gtest.h>

#include <cmath>

namespace noggin::train {
namespace {

data::ExampleTable empty_rows(std::uint32_t classes) {
  data::ExampleTable rows;
  rows.classes = classes;
  rows.top_k = classes;
  return rows;
}

void add(data::ExampleTable& rows, const std::string& text, std::int32_t label,
         data::TeacherDistribution teacher = {}) {
  data::Record record;
  record.text = text;
  record.label = label;
  record.teacher = std::move(teacher);
  rows.append(record, {});
}

// Three classes told apart by one word each.
data::ExampleTable toy_rows() {
  data::ExampleTable rows = empty_rows(3);
  for (const char* object : {"lamp", "chair", "coat", "watch", "desk", "fan"}) {
    add(rows, std::string("refund my ") + object, 0);
    add(rows, std::string("repair the ") + object, 1);
    add(rows, std::string("where is the ") + object, 2);
  }
  return rows;
}

std::vector<float> probabilities(const LinearNgram& model, const std::string& text) {
  std::vector<float> p = model.logits(text);
  float sum = 0.0F;
  for (float& value : p) sum += value = std::exp(value);
  for (float& value : p) value /= sum;
  return p;
}

TEST(LinearNgram, LearnsAToyProblemAndGeneralises) {
  const LinearNgram model = LinearNgram::train(toy_rows(), {});
  EXPECT_EQ(model.classes(), 3U);
  EXPECT_EQ(model.predict("please refund the carpet"), 0);
  EXPECT_EQ(model.predict("repair my carpet"), 1);
  EXPECT_EQ(model.predict("where can i find the carpet"), 2);
}

TEST(LinearNgram, SameRowsSameBits) {
  const LinearNgram first = LinearNgram::train(toy_rows(), {}), second = LinearNgram::train(toy_rows(), {});
  EXPECT_EQ(first.logits("refund my lamp"), second.logits("refund my lamp"));
  LinearNgramOptions other_seed;
  other_seed.seed = 2;
  EXPECT_NE(first.logits("refund my lamp"), LinearNgram::train(toy_rows(), other_seed).logits("refund my lamp"));
}

TEST(LinearNgram, EndsBetweenStepsWhenToldTo) {
  LinearNgramOptions options;
  std::size_t steps = 0;
  options.between_steps = [&] {
    if (++steps == 40) throw steps;  // in the third of twelve epochs
  };
  EXPECT_THROW((void)LinearNgram::train(toy_rows(), options), std::size_t);
  EXPECT_EQ(steps, 40U);
}

TEST(LinearNgram, FollowsTheTeacherAndSharesTheTailByItsOwnBelief) {
  // The teacher lists class 0 with 0.7 and says nothing of 1, 2, 3, which stay equal because nothing tells them apart.
  data::ExampleTable rows = empty_rows(4);
  for (int i = 0; i < 50; ++i) add(rows, "hello there", data::kNoLabel, {{0}, {0.7F}});
  const std::vector<float> p = probabilities(LinearNgram::train(rows, {}), "hello there");
  EXPECT_NEAR(p[0], 0.7F, 0.02F);
  EXPECT_FLOAT_EQ(p[1], p[2]);
  EXPECT_FLOAT_EQ(p[2], p[3]);
}

TEST(LinearNgram, TheTailOfOneRowKnowsNothingOfTheClassesListedInAnother) {
  data::ExampleTable rows = empty_rows(3);
  for (int i = 0; i < 50; ++i) {
    add(rows, "hello there", data::kNoLabel, {{0}, {0.7F}});
    add(rows, "hello again", data::kNoLabel, {{1}, {0.7F}});
  }
  const std::vector<float> p = probabilities(LinearNgram::train(rows, {}), "hello again");
  EXPECT_NEAR(p[1], 0.7F, 0.05F);
  EXPECT_GT(p[0], 1.2F * p[2]);  // "hello" speaks for class 0 more than for class 2, and nothing here contradicts
}

TEST(LinearNgram, AFullDistributionHasNoTail) {
  data::ExampleTable rows = empty_rows(2);
  for (int i = 0; i < 50; ++i) add(rows, "hello there", data::kNoLabel, {{1, 0}, {0.8F, 0.2F}});
  EXPECT_NEAR(probabilities(LinearNgram::train(rows, {}), "hello there")[1], 0.8F, 0.02F);
}

TEST(LinearNgram, GoldWeightDecidesBetweenTeacherAndLabel) {
  data::ExampleTable rows = empty_rows(2);
  for (int i = 0; i < 50; ++i) add(rows, "hello there", 0, {{1, 0}, {0.9F, 0.1F}});
  LinearNgramOptions options;
  options.gold_weight = 0.0F;
  EXPECT_NEAR(probabilities(LinearNgram::train(rows, options), "hello there")[0], 0.1F, 0.02F);
  options.gold_weight = 0.5F;
  EXPECT_NEAR(probabilities(LinearNgram::train(rows, options), "hello there")[0], 0.55F, 0.02F);
  options.gold_weight = 1.0F;
  EXPECT_GT(probabilities(LinearNgram::train(rows, options), "hello there")[0], 0.95F);
}

TEST(LinearNgram, ARowWithoutTeacherAndLabelTeachesNothing) {
  data::ExampleTable rows = toy_rows();
  const std::size_t weights = LinearNgram::train(rows, {}).nonzero_weights();
  add(rows, "unheard words", data::kNoLabel);
  EXPECT_EQ(LinearNgram::train(rows, {}).nonzero_weights(), weights);
}

TEST(LinearNgram, CountsTheWeightsOfFeaturesSeen) {
  data::ExampleTable rows = empty_rows(5);
  add(rows, "at", 0);  // 1 word and 3 runs of characters
  EXPECT_EQ(LinearNgram::train(rows, {}).nonzero_weights(), 4U * 5U);
}

TEST(LinearNgram, AnEmptyTextAndNoRowsGiveAnAnswerAllTheSame) {
  const LinearNgram model = LinearNgram::train(toy_rows(), {});
  EXPECT_EQ(model.logits("").size(), 3U);
  for (const float logit : model.logits("")) EXPECT_TRUE(std::isfinite(logit));
  const LinearNgram untrained = LinearNgram::train(empty_rows(3), {});
  EXPECT_EQ(untrained.logits("refund"), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(untrained.predict("refund"), 0);  // ties: the lowest class
}

}  // namespace
}  // namespace noggin::train
