#include "train/search/trial_recipe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "train/recipe/stage_sections.h"

namespace noggin::train {
namespace {

Phase phase(PhaseKind kind, double epochs, double rate) {
  Phase made;
  made.kind = kind;
  made.epochs = epochs;
  made.learning_rate = rate;
  return made;
}

// distil, prune with its recovery, qat.
Recipe whole_recipe() {
  Recipe recipe;
  recipe.name = "demo";
  recipe.phases = {phase(PhaseKind::kDistil, 8, 1e-3), phase(PhaseKind::kPrune, 4, 5e-4),
                   phase(PhaseKind::kDistil, 2, 4e-4), phase(PhaseKind::kQat, 1, 1e-4)};
  recipe.phases[1].removal_epochs = 2;
  recipe.phases[3].min_steps = 100;
  return recipe;
}

StudentShape shape(std::size_t form, int cut) { return {weight_forms()[form], 2, cut}; }

TEST(TrialRecipe, BeginsWithTheFloatPhasesWhichEveryTrialShares) {
  const Recipe recipe = whole_recipe();
  EXPECT_EQ(float_phases(recipe), 1U);
  const std::string floats = stage_settings(Stage::kTrain, float_recipe(recipe, 2));
  for (std::size_t form = 0; form < weight_forms().size(); ++form)
    for (const int cut : {0, 10, kMostCuts})
      for (const double length : {0.25, 1.0})
        EXPECT_EQ(stage_settings(Stage::kTrain, first_phases(trial_recipe(recipe, shape(form, cut), length), 1)),
                  floats);
}

TEST(TrialRecipe, FewerPretrainedLayersLearnAtHigherRates) {
  Recipe recipe = whole_recipe();
  recipe.student.layers = 6;
  EXPECT_EQ(trial_recipe(recipe, shape(0, 5), 1.0).phases[1].learning_rate, 5e-4) << "random weights";
  recipe.init.folder = "encoder";
  recipe.init.keep_layers = {0, 1, 2, 3, 4, 5};
  const Recipe trial = trial_recipe(recipe, shape(0, 5), 1.0);
  for (std::size_t i = 0; i < trial.phases.size(); ++i)
    EXPECT_NEAR(trial.phases[i].learning_rate, 3.0 * recipe.phases[i].learning_rate, 1e-9) << i;
  EXPECT_EQ(float_recipe(recipe, 2).phases[0].learning_rate, trial.phases[0].learning_rate);
  EXPECT_EQ(float_recipe(recipe, 6).phases[0].learning_rate, recipe.phases[0].learning_rate);
}

TEST(TrialRecipe, ShortensWhatComesAfterThem) {
  const Recipe trial = trial_recipe(whole_recipe(), shape(0, 5), 0.25);
  ASSERT_EQ(trial.phases.size(), 4U);
  EXPECT_EQ(trial.phases[0].epochs, 8);
  EXPECT_EQ(trial.phases[1].epochs, 1);
  EXPECT_EQ(trial.phases[1].removal_epochs, 0.5);
  EXPECT_EQ(trial.phases[1].ffn_fraction, 0.25);
  EXPECT_EQ(trial.phases[1].heads_fraction, 0.0);
  EXPECT_EQ(trial.phases[2].epochs, 0.5);
  EXPECT_EQ(trial.phases[3].min_steps, 25U);
  EXPECT_EQ(trial.name, "demo-int8-2-layers-ffn25");
}

TEST(TrialRecipe, WithNothingToRemoveThereIsNoPruneAndNoRecovery) {
  const Recipe trial = trial_recipe(whole_recipe(), shape(1, 0), 1.0);
  ASSERT_EQ(trial.phases.size(), 2U);
  EXPECT_EQ(trial.phases[1].kind, PhaseKind::kQat);
  EXPECT_EQ(trial.quantize.embedding_bits, 4U);
}

TEST(TrialRecipe, NarrowWordsNeedAPrunePhaseEvenIfNothingElseGoes) {
  StudentShape narrow = shape(2, 0);
  narrow.words = 96;
  const Recipe trial = trial_recipe(whole_recipe(), narrow, 1.0);
  ASSERT_EQ(trial.phases.size(), 4U);
  EXPECT_EQ(trial.phases[1].word_width, 96U);
  EXPECT_EQ(trial.phases[1].ffn_fraction, 0.0);
  narrow.cut = 5;
  EXPECT_EQ(trial_recipe(whole_recipe(), narrow, 1.0).phases[1].ffn_fraction, 0.25);
}

TEST(TrialRecipe, ARecipeWithoutPruneAndQatGetsThemByItsFloatPhase) {
  Recipe recipe = whole_recipe();
  recipe.phases.resize(1);
  const Recipe trial = trial_recipe(recipe, shape(0, 20), 1.0);
  ASSERT_EQ(trial.phases.size(), 3U);
  EXPECT_EQ(trial.phases[1].kind, PhaseKind::kPrune);
  EXPECT_EQ(trial.phases[2].kind, PhaseKind::kQat);
  EXPECT_GT(trial.phases[1].epochs, trial.phases[2].epochs);
  EXPECT_LT(trial.phases[2].learning_rate, trial.phases[1].learning_rate);
  EXPECT_EQ(trial.phases[1].heads_fraction, 0.5);
}

TEST(TrialRecipe, LayersOfFourBitsTrainLongerUnlessTheRecipeOnlyCalibrates) {
  Recipe recipe = whole_recipe();
  const Phase eight = trial_recipe(recipe, shape(0, 0), 1.0).phases.back();
  const Phase four = trial_recipe(recipe, shape(2, 0), 1.0).phases.back();
  EXPECT_GT(four.epochs, eight.epochs);
  EXPECT_GT(four.learning_rate, eight.learning_rate);
  recipe.phases.back().epochs = 0;
  EXPECT_EQ(trial_recipe(recipe, shape(2, 0), 1.0).phases.back().epochs, 0);
}

}  // namespace
}  // namespace noggin::train
