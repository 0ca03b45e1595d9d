#include "train/loop/phase_length.h"

#include <gtest/gtest.h>

namespace noggin::train::phase_lengths {
namespace {

Phase prune(double epochs, double removal_epochs, std::uint32_t min_steps) {
  Phase phase;
  phase.kind = PhaseKind::kPrune;
  phase.ffn_fraction = 0.5;
  phase.epochs = epochs;
  phase.removal_epochs = removal_epochs;
  phase.min_steps = min_steps;
  return phase;
}

TEST(PhaseLength, EpochsDecideWhereTheyAreEnough) {
  const PhaseLength length = phase_length(prune(3.0, 1.0, 200), 100, 4);
  EXPECT_EQ(length.steps, 300U);
  EXPECT_EQ(length.removal_steps, 100U);
  EXPECT_EQ(length.evaluation_interval, 25U);
}

// 16 steps an epoch: 3 epochs are 48 steps, and become 4,800.
TEST(PhaseLength, FewRowsAreReadOftener) {
  const PhaseLength length = phase_length(prune(3.0, 1.0, 4800), 16, 4);
  EXPECT_EQ(length.steps, 4800U);
  EXPECT_EQ(length.removal_steps, 1600U) << "the same share";
  EXPECT_EQ(length.evaluation_interval, 400U) << "as many evaluations";
}

// 2 steps an epoch and 8 evaluations: 3 epochs become 2,400 steps, and are still evaluated 24 times.
TEST(PhaseLength, AnEpochOfFewerStepsThanEvaluationsIsStretchedWithThem) {
  EXPECT_EQ(phase_length(prune(3.0, 1.0, 2400), 2, 8).evaluation_interval, 100U);
}

// Rows are cut before the first step, so every evaluation counts.
TEST(PhaseLength, WhereOnlyWordRowsAreCutNothingIsRemovedStepByStep) {
  Phase phase = prune(3.0, 1.0, 200);
  phase.ffn_fraction = 0.0;
  phase.word_width = 64;
  EXPECT_EQ(phase_length(phase, 100, 4).steps, 300U);
  EXPECT_EQ(phase_length(phase, 100, 4).removal_steps, 0U);
}

TEST(PhaseLength, WithoutEpochsNothingIsTrained) { EXPECT_EQ(phase_length(prune(0.0, 0.0, 500), 16, 1).steps, 0U); }

TEST(PhaseLength, APartOfAnEpochIsAtLeastAStep) {
  const PhaseLength length = phase_length(prune(0.01, 0.0, 0), 10, 100);
  EXPECT_EQ(length.steps, 1U);
  EXPECT_EQ(length.evaluation_interval, 1U);
}

}  // namespace
}  // namespace noggin::train::phase_lengths
