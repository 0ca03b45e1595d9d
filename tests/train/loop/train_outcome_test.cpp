// Which checkpoint of a run is which, whatever the order of its phases; and a pruned student that recovers at its new
// size.
#include <gtest/gtest.h>

#include "tests/support/train_tiny_run.h"

namespace noggin::train {
namespace {

TrainOutcome outcome_of(const std::vector<std::string>& phases) {
  TrainOutcome outcome;
  for (const std::string& phase : phases) {
    PhaseResult& result = outcome.phases.emplace_back();
    result.phase = phase;
    result.checkpoint = std::to_string(outcome.phases.size() - 1) + "-" + phase;
  }
  return outcome;
}

TEST(TrainOutcome, FloatIsBeforePruningAndPrunedIsBeforeQuantizing) {
  const TrainOutcome plain = outcome_of({"distil", "distil", "qat"});
  EXPECT_EQ(plain.float_checkpoint(), "1-distil");
  EXPECT_EQ(plain.pruned_checkpoint(), "");
  EXPECT_EQ(plain.final_checkpoint(), "2-qat");
  const TrainOutcome pruned = outcome_of({"distil", "prune", "qat"});
  EXPECT_EQ(pruned.float_checkpoint(), "0-distil");
  EXPECT_EQ(pruned.pruned_checkpoint(), "1-prune");
  const TrainOutcome recovered = outcome_of({"distil", "prune", "distil", "prune", "distil", "qat"});
  EXPECT_EQ(recovered.float_checkpoint(), "0-distil");
  EXPECT_EQ(recovered.pruned_checkpoint(), "4-distil");
  EXPECT_EQ(recovered.final_checkpoint(), "5-qat");
}

TEST(TrainOutcome, APrunedStudentRecoversAtItsNewSize) {
  const test::TinyData data;
  Recipe recipe = test::tiny_recipe();
  recipe.phases[1].epochs = recipe.phases[1].removal_epochs = 1.0;
  Phase recovery = recipe.phases[0];
  recipe.phases.insert(recipe.phases.begin() + 2, recovery);
  const test::TemporaryFolder folder;
  const TrainOutcome outcome = test::run_job(data.job(folder.path(), recipe));
  const StudentBundle pruned = *read_bundle(folder.path() + "/checkpoints/1-prune.ckpt"),
                      after = *read_bundle(outcome.pruned_checkpoint());
  EXPECT_EQ(outcome.pruned_checkpoint(), folder.path() + "/checkpoints/2-distil.ckpt");
  EXPECT_EQ(after.student.config, pruned.student.config);
  EXPECT_NE(after.student.config, read_bundle(outcome.float_checkpoint())->student.config);
  EXPECT_EQ(read_bundle(outcome.final_checkpoint())->student.config, pruned.student.config);
}

}  // namespace
}  // namespace noggin::train
