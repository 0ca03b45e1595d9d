// Several processes of one training that are killed: what the others say, and that the next start goes on to the same
// bytes, although only rank 0 saves.
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/support/train_process_group.h"
#include "tests/support/train_tiny_run.h"
#include "train/loop/train_state.h"
#include "train/run/failure.h"

namespace noggin::train::group_resume {
namespace {

using testing::HasSubstr;

// 12 steps of distil (1..12), then 12 of prune (13..24), in all of which heads are removed: after its steps 2, 3, 5, 6,
// 8, 9, 11 and 12. Every step is saved.
Recipe recipe() {
  Recipe recipe = test::tiny_recipe();
  recipe.train.threads = 1;
  recipe.train.checkpoint_minutes = 0.0;
  recipe.student.heads = 4;
  recipe.student.layers = 3;
  recipe.phases[1].removal_epochs = 2.0;
  recipe.phases[1].heads_fraction = recipe.phases[1].ffn_fraction = 0.5;
  return recipe;
}

// All processes die without a word while step `kill_at` is shown; 0: none does.
void train_in(int processes, const std::string& folder, int kill_at, const Recipe& settings = recipe()) {
  const std::vector<int> values = test::in_processes(processes, [&](int) {
    at::set_num_threads(1);
    test::run_job(test::shared_data().job(folder, settings), [&](int step) {
      if (step == kill_at) ::_exit(9);
    });
    return 1;
  });
  EXPECT_EQ(values, std::vector<int>(static_cast<std::size_t>(processes), kill_at > 0 ? 9 : 1));
}

TEST(GroupResume, KilledWhileHeadsAreRemovedItGoesOnToTheSameBytes) {
  const test::TemporaryFolder whole;
  train_in(2, whole.path(), 0);
  for (const int kill_at : {5, 14, 17, 20, 23, 27}) {
    const test::TemporaryFolder folder;
    train_in(2, folder.path(), kill_at);
    train_in(2, folder.path(), 0);
    for (const char* name : {"0-distil.ckpt", "1-prune.ckpt", "2-qat.ckpt"}) {
      const std::string path = std::string("/checkpoints/") + name;
      EXPECT_TRUE(test::read_text(folder.path() + path) == test::read_text(whole.path() + path))
          << name << " after a kill at step " << kill_at;
    }
  }
}

// The state that rank 0 saves holds what all rows of the batch say about heads and neurons, not those of rank 0.
TEST(GroupResume, TheSavedImportanceIsThatOfTheWholeBatch) {
  Recipe settings = recipe();
  settings.student.dropout = 0.0;
  const test::TemporaryFolder alone, shared;
  train_in(1, alone.path(), 14, settings);  // the first step of prune is saved
  train_in(2, shared.path(), 14, settings);
  const auto importance = [](const std::string& folder) {
    return std::move(load_state(folder + "/checkpoints/resume.ckpt", torch::kCPU).state.importance);
  };
  const auto one = importance(alone.path()), two = importance(shared.path());
  ASSERT_TRUE(one && two);
  for (std::size_t layer = 0; layer < one->heads.size(); ++layer) {
    EXPECT_TRUE(torch::allclose(one->heads[layer], two->heads[layer], 1e-2, 1e-6)) << layer;
    EXPECT_TRUE(torch::allclose(one->neurons[layer], two->neurons[layer], 1e-2, 1e-6)) << layer;
  }
}

TEST(GroupResume, TheOthersNameWhoIsGoneAndWhatIsSaved) {
  const test::TemporaryFolder folder;
  const std::vector<int> values = test::in_processes(2, [&](int rank) {
    at::set_num_threads(1);
    try {
      test::run_job(test::shared_data().job(folder.path(), recipe()), [&](int step) {
        if (step == 15 && rank == 1) ::_exit(9);
      });
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kFailure);
      EXPECT_THAT(failure.what(), testing::ContainsRegex("rank 1 \\(host .*, process [0-9]+\\) has ended"));
      EXPECT_THAT(failure.what(), HasSubstr("saved last, step 3 of phase 2 (prune)"));
      EXPECT_THAT(failure.what(), HasSubstr("Fix: "));
      return 1;
    }
    return 0;
  });
  EXPECT_EQ(values, (std::vector<int>{1, 9}));
}

}  // namespace
}  // namespace noggin::train::group_resume
