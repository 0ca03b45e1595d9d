#include "train/search/training_plan.h"

#include <gtest/gtest.h>

namespace noggin::train {
namespace {

TrainingFacts facts_of(std::uint64_t rows) {
  TrainingFacts facts;
  facts.rows = rows;
  facts.dev_rows = facts.test_rows = rows / 10;
  facts.has_teacher = facts.has_gold = facts.pretrained = facts.fitted = true;
  return facts;
}

Recipe planned(const TrainingFacts& facts) {
  Recipe recipe;
  EXPECT_FALSE(plan_training(facts, recipe).empty());
  return recipe;
}

bool swaps(const Phase& phase) {
  EXPECT_EQ(phase.mention_replacement > 0.0, phase.word_swap > 0.0);
  EXPECT_EQ(phase.mention_replacement > 0.0, phase.digit_swap > 0.0);
  return phase.word_swap > 0.0;
}

TEST(TrainingPlan, OnlyTaggersWithGoldSwapAndOnlyInTheFirstPhase) {
  TrainingFacts facts = facts_of(2000);
  for (const Phase& phase : planned(facts).phases) EXPECT_FALSE(swaps(phase));
  facts.tags = true;
  const Recipe recipe = planned(facts);
  ASSERT_EQ(recipe.phases.size(), 4U);
  for (std::size_t i = 0; i < recipe.phases.size(); ++i) EXPECT_EQ(swaps(recipe.phases[i]), i == 0) << i;
  EXPECT_EQ(recipe.phases[1].kind, PhaseKind::kDistil) << "a float student of the rows as they are";
  EXPECT_LT(recipe.phases[1].min_steps, recipe.phases[0].min_steps);
  for (const PhaseKind kind : {PhaseKind::kPrune, PhaseKind::kQat})
    EXPECT_FALSE(swaps(phase_after(recipe.phases.front(), kind, true)));
  facts.has_gold = false;
  for (const Phase& phase : planned(facts).phases) EXPECT_FALSE(swaps(phase)) << "what is swapped has no teacher";
}

TEST(TrainingPlan, GoldCountsAsDevHasSaid) {
  TrainingFacts facts = facts_of(2000);
  facts.gold_share = 0.8;
  for (const Phase& phase : planned(facts).phases) {
    EXPECT_EQ(phase.gold_weight, 0.8);
    EXPECT_EQ(phase.teacher_weight, 0.2);
  }
  facts.has_teacher = false;
  for (const Phase& phase : planned(facts).phases) EXPECT_EQ(phase.gold_weight, 1.0) << "nothing else to learn from";
}

TEST(TrainingPlan, WhatIsPrunedGoesAtOnceAndIsStoodInFor) {
  const Recipe recipe = planned(facts_of(2000));
  ASSERT_EQ(recipe.phases[1].kind, PhaseKind::kPrune);
  for (const Phase& phase : {recipe.phases[1], phase_after(recipe.phases[0], PhaseKind::kPrune, false)}) {
    EXPECT_EQ(phase.importance, Importance::kSecondOrder);
    EXPECT_EQ(phase.removals, 1U);
    EXPECT_LT(phase.removal_epochs, 0.1 * phase.epochs);
  }
}

TEST(TrainingPlan, FewerLayersLearnAtHigherRates) {
  Recipe recipe = planned(facts_of(2000));
  const Recipe six = recipe;
  scale_rates(kPlannedLayers, 2, recipe.phases);
  for (std::size_t i = 0; i < recipe.phases.size(); ++i)
    EXPECT_NEAR(recipe.phases[i].learning_rate, 3.0 * six.phases[i].learning_rate, 1e-9);
  scale_rates(2, 6, recipe.phases);
  EXPECT_EQ(recipe.phases[0].learning_rate, six.phases[0].learning_rate);
}

TEST(TrainingPlan, TheReferenceAnswersASampleOfManyRows) {
  EXPECT_EQ(planned(facts_of(2000)).gates.reference_rows, 0U) << "all";
  TrainingFacts facts = facts_of(2000);
  facts.test_rows = 5500;
  EXPECT_EQ(planned(facts).gates.reference_rows, 1000U);
}

TEST(TrainingPlan, ManyRowsOfDevAreAnsweredLessOften) {
  TrainingFacts facts = facts_of(2000);
  facts.dev_rows = 300;
  EXPECT_EQ(planned(facts).train.evaluations_per_epoch, 8U);
  facts.dev_rows = 3100;
  const Recipe recipe = planned(facts);
  EXPECT_EQ(recipe.train.evaluations_per_epoch, 4U) << "25,600 rows an epoch, half as many are answered";
  EXPECT_EQ(recipe.phases.front().patience, 4U);
  facts.dev_rows = 30'000;
  EXPECT_EQ(planned(facts).train.evaluations_per_epoch, 3U);
}

TEST(TrainingPlan, RowsDecideHowLongAndHowStrictly) {
  const Recipe few = planned(facts_of(1000)), many = planned(facts_of(100'000));
  EXPECT_LT(few.phases.front().min_steps, many.phases.front().min_steps);
  EXPECT_GT(few.gates.max_drop_from_float, many.gates.max_drop_from_float);
  TrainingFacts random = facts_of(1000);
  random.pretrained = random.fitted = false;
  const Recipe own = planned(random);
  EXPECT_EQ(own.phases.size(), 2U) << "nothing to remove";
  EXPECT_GT(own.phases.front().learning_rate, few.phases.front().learning_rate);
}

}  // namespace
}  // namespace noggin::train
