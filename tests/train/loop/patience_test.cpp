// A phase that no longer becomes better on dev ends early, at the same step however often it was killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/train_tiny_run.h"

namespace noggin::train::patience {
namespace {

using test::read_text;
using test::run_job;
using test::shared_data;

constexpr std::uint64_t kWholeSteps = 600;
constexpr std::uint32_t kPatience = 4;

Recipe recipe(std::uint32_t patience) {
  Recipe recipe = test::tiny_recipe();
  recipe.phases.resize(1);
  recipe.phases[0].epochs = static_cast<double>(kWholeSteps) / 6.0;
  recipe.phases[0].patience = patience;
  return recipe;
}

TEST(Patience, APhaseEndsWhereDevNoLongerBecomesBetter) {
  const test::TemporaryFolder folder;
  std::string output;
  const TrainOutcome ended = run_job(shared_data().job(folder.path(), recipe(kPatience)), {}, &output);
  EXPECT_LT(ended.phases[0].steps, kWholeSteps);
  EXPECT_EQ(ended.phases[0].steps % 6, 0U) << "after an evaluation";
  EXPECT_THAT(output, testing::HasSubstr("ends: dev has not become better for 4 evaluations"));
}

TEST(Patience, AKilledPhaseEndsAtTheSameStep) {
  const test::TemporaryFolder whole, killed;
  const std::uint64_t steps = run_job(shared_data().job(whole.path(), recipe(kPatience))).phases[0].steps;
  ASSERT_GT(steps, 20U);
  Recipe saving = recipe(kPatience);
  saving.train.checkpoint_minutes = 0.0;  // after every step
  EXPECT_ANY_THROW(run_job(shared_data().job(killed.path(), saving), [&](int step) {
    if (step == static_cast<int>(steps) - 8) throw std::runtime_error("killed");
  }));
  EXPECT_EQ(run_job(shared_data().job(killed.path(), recipe(kPatience))).phases[0].steps, steps);
  EXPECT_TRUE(read_text(whole.path() + "/checkpoints/0-distil.ckpt") ==
              read_text(killed.path() + "/checkpoints/0-distil.ckpt"));
}

}  // namespace
}  // namespace noggin::train::patience
