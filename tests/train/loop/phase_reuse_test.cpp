// A recipe of which later phases have changed goes on after the last phase that has not, to the bytes that it would
// have reached alone: in the same folder or from another run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/train_process_group.h"
#include "tests/support/train_tiny_run.h"
#include "train/run/failure.h"

namespace noggin::train::phase_reuse {
namespace {

namespace fs = std::filesystem;
using test::read_text;
using test::run_job;
using test::shared_data;
using test::TemporaryFolder;
using testing::HasSubstr;

// Steps of distil and prune together, of prune, and of qat.
constexpr int kBothSteps = 24, kPruneSteps = 12, kQatSteps = 9;
const std::vector<std::string> kFinished = {"0-distil.ckpt", "1-prune.ckpt", "2-qat.ckpt"};

enum class Changed { kDistil, kPrune, kQat };

Recipe changed(Changed phase) {
  Recipe recipe = test::tiny_recipe();
  recipe.phases[static_cast<std::size_t>(phase)].learning_rate *= 0.5;
  return recipe;
}

struct Counted {
  int steps = 0;
  std::string output;
};

Counted run_counted(const TrainJob& job) {
  Counted counted;
  run_job(job, [&](int) { ++counted.steps; }, &counted.output);
  return counted;
}

void expect_same_students(const std::string& folder, const std::string& other) {
  for (const std::string& name : kFinished)
    EXPECT_TRUE(read_text(folder + "/checkpoints/" + name) == read_text(other + "/checkpoints/" + name)) << name;
}

TEST(PhaseReuse, WhatHasChangedIsMadeAnewInTheSameFolder) {
  for (const auto& [phase, steps] : {std::pair{Changed::kQat, kQatSteps}, {Changed::kPrune, kPruneSteps + kQatSteps}}) {
    const TemporaryFolder folder, alone;
    run_job(shared_data().job(folder.path()));
    const Counted again = run_counted(shared_data().job(folder.path(), changed(phase)));
    EXPECT_EQ(again.steps, steps);
    EXPECT_THAT(again.output, HasSubstr("training goes on after " + kFinished[static_cast<std::size_t>(phase) - 1] +
                                        ": the run directory holds another recipe, finished phases. " +
                                        (phase == Changed::kQat ? "2-qat.ckpt is" : "1-prune.ckpt, 2-qat.ckpt are")));
    run_job(shared_data().job(alone.path(), changed(phase)));
    expect_same_students(folder.path(), alone.path());
  }
}

TEST(PhaseReuse, AnotherRunGivesWhatBothBeginWith) {
  const TemporaryFolder first, folder, alone;
  run_job(shared_data().job(first.path()));
  TrainJob job = shared_data().job(folder.path(), changed(Changed::kPrune));
  job.reuse = first.path() + "/checkpoints";
  EXPECT_EQ(run_counted(job).steps, kPruneSteps + kQatSteps);
  run_job(shared_data().job(alone.path(), changed(Changed::kPrune)));
  expect_same_students(folder.path(), alone.path());
  EXPECT_EQ(run_counted(job).steps, 0) << "finished";
}

// How weights are stored is learnt in qat alone, that of layers in prune, too: what comes before is the same.
TEST(PhaseReuse, PhasesBeforeQuantizationAreThoseOfEveryWayToStoreWeights) {
  const TemporaryFolder first, folder, alone;
  Recipe recipe = test::tiny_recipe();
  recipe.student.width = recipe.student.ffn_width = 32;
  run_job(shared_data().job(first.path(), recipe));
  recipe.quantize.embedding_bits = 4;
  TrainJob job = shared_data().job(folder.path(), recipe);
  job.reuse = first.path() + "/checkpoints";
  EXPECT_EQ(run_counted(job).steps, kQatSteps);
  run_job(shared_data().job(alone.path(), recipe));
  expect_same_students(folder.path(), alone.path());

  const TemporaryFolder layers, layers_alone;
  recipe.quantize = {4, 4, 32};
  recipe.phases[1].heads_fraction = 0.0;  // a head of 16 is less than a group
  job = shared_data().job(layers.path(), recipe);
  job.reuse = first.path() + "/checkpoints";
  EXPECT_EQ(run_counted(job).steps, kPruneSteps + kQatSteps);
  run_job(shared_data().job(layers_alone.path(), recipe));
  expect_same_students(layers.path(), layers_alone.path());
}

TEST(PhaseReuse, ARunThatWasKilledInAReusedPhaseGoesOn) {
  const TemporaryFolder first, folder, alone;
  run_job(shared_data().job(first.path()));
  TrainJob job = shared_data().job(folder.path(), changed(Changed::kPrune));
  job.reuse = first.path() + "/checkpoints";
  EXPECT_ANY_THROW(run_job(job, [](int step) {
    if (step == kPruneSteps + 3) throw std::runtime_error("killed");
  }));
  EXPECT_EQ(run_counted(job).steps, kQatSteps);
  run_job(shared_data().job(alone.path(), changed(Changed::kPrune)));
  expect_same_students(folder.path(), alone.path());
}

TEST(PhaseReuse, ARunWithNothingInCommonIsRefused) {
  const TemporaryFolder first, folder;
  run_job(shared_data().job(first.path()));
  const auto refusal = [&](TrainJob job) {
    try {
      run_job(job);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), ExitCode::kBadData);
      return std::string(failure.what());
    }
    return std::string("was not refused");
  };
  TrainJob job = shared_data().job(folder.path(), changed(Changed::kDistil));
  job.reuse = first.path() + "/checkpoints";
  EXPECT_THAT(refusal(job), HasSubstr("has no phase that this training begins with (its first phase is of another "
                                      "recipe). Fix: "));
  job.reuse = folder.path();
  EXPECT_THAT(refusal(job), HasSubstr("0-distil.ckpt"));
}

TEST(PhaseReuse, ADamagedPhaseIsMadeAnew) {
  const TemporaryFolder folder, alone;
  run_job(shared_data().job(folder.path()));
  const std::string path = folder.path() + "/checkpoints/1-prune.ckpt";
  std::string bytes = read_text(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(run_counted(shared_data().job(folder.path())).steps, kPruneSteps + kQatSteps);
  run_job(shared_data().job(alone.path()));
  expect_same_students(folder.path(), alone.path());
}

TEST(PhaseReuse, FreshKeepsWhatAnotherTrainingHasInCommonAndNothingOfItsOwn) {
  const TemporaryFolder folder;
  run_job(shared_data().job(folder.path()));
  TrainJob job = shared_data().job(folder.path(), changed(Changed::kQat));
  job.fresh = true;
  EXPECT_EQ(run_counted(job).steps, kQatSteps);
  EXPECT_FALSE(fs::exists(folder.path() + "/checkpoints/aside-1"));
  EXPECT_EQ(run_counted(job).steps, kBothSteps + kQatSteps);
}

// Processes of a group begin where rank 0 does.
TEST(PhaseReuse, AGroupReusesWhatAGroupHasMade) {
  const TemporaryFolder folder, alone;
  const auto run_group = [](const std::string& path, const Recipe& recipe) {
    const std::vector<int> steps = test::in_processes(2, [&](int) {
      Recipe one_thread = recipe;
      one_thread.train.threads = 1;
      return run_counted(shared_data().job(path, one_thread)).steps;
    });
    EXPECT_EQ(steps[0], steps[1]);
    return steps[0];
  };
  EXPECT_EQ(run_group(folder.path(), test::tiny_recipe()), kBothSteps + kQatSteps);
  EXPECT_EQ(run_group(folder.path(), changed(Changed::kQat)), kQatSteps);
  EXPECT_EQ(run_group(alone.path(), changed(Changed::kQat)), kBothSteps + kQatSteps);
  expect_same_students(folder.path(), alone.path());
}

}  // namespace
}  // namespace noggin::train::phase_reuse
