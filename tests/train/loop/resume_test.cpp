// A run that was stopped or killed at any point goes on as if nothing had happened: its checkpoints have the same
// bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <limits>
#include <map>

#include "tests/support/train_tiny_run.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

using test::read_text;
using test::run_job;
using test::shared_data;
using test::TemporaryFolder;

// 6 steps an epoch: distil 12 steps (1..12), prune 12 (13..24), qat 9 (25..33).
constexpr int kSteps = 33;
const std::vector<std::string> kFinished = {"0-distil.ckpt", "1-prune.ckpt", "2-qat.ckpt"};

std::map<std::string, std::string> checkpoints_of(const std::string& folder) {
  std::map<std::string, std::string> bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/checkpoints")) {
    bytes[entry.path().filename().string()] = read_text(entry.path().string());
  }
  return bytes;
}

const std::map<std::string, std::string>& uninterrupted() {
  static const std::map<std::string, std::string> bytes = [] {
    const TemporaryFolder folder;
    run_job(shared_data().job(folder.path()));
    return checkpoints_of(folder.path());
  }();
  return bytes;
}

// Equal, without printing megabytes when not.
void expect_same_checkpoints(const std::string& folder) {
  const auto got = checkpoints_of(folder);
  ASSERT_EQ(got.size(), kFinished.size());
  for (const std::string& name : kFinished) {
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_TRUE(got.at(name) == uninterrupted().at(name)) << name << " differs";
  }
}

TEST(Run, LeavesOneCheckpointAPhaseAndNothingToResume) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : uninterrupted()) names.push_back(name);
  EXPECT_EQ(names, kFinished);
}

TEST(Run, GivesTheSameBytesTwice) {
  const TemporaryFolder folder;
  int steps = 0;
  const TrainOutcome outcome = run_job(shared_data().job(folder.path()), [&](int) { ++steps; });
  EXPECT_EQ(steps, kSteps);
  expect_same_checkpoints(folder.path());
  ASSERT_EQ(outcome.phases.size(), 3U);
  EXPECT_EQ(outcome.final_checkpoint(), folder.path() + "/checkpoints/2-qat.ckpt");
  EXPECT_EQ(outcome.pruned_checkpoint(), folder.path() + "/checkpoints/1-prune.ckpt");
  EXPECT_EQ(outcome.float_checkpoint(), folder.path() + "/checkpoints/0-distil.ckpt");
}

TEST(Run, PruningRemovesHeadsAndNeuronsAndTheLossFalls) {
  const TemporaryFolder folder;
  const TrainOutcome outcome = run_job(shared_data().job(folder.path()));
  const StudentBundle whole = *read_bundle(outcome.float_checkpoint()),
                      pruned = *read_bundle(outcome.pruned_checkpoint());
  const auto total = [](const StudentBundle& bundle, auto field) {
    std::uint32_t sum = 0;
    for (const spec::LayerConfig& layer : bundle.student.config.encoder.layers) sum += layer.*field;
    return sum;
  };
  EXPECT_EQ(total(whole, &spec::LayerConfig::heads), 4U);
  EXPECT_EQ(total(pruned, &spec::LayerConfig::heads), 3U);
  EXPECT_EQ(total(pruned, &spec::LayerConfig::ffn_width), 48U);
  EXPECT_FALSE(pruned.quantized);
  EXPECT_TRUE(read_bundle(outcome.final_checkpoint())->quantized);
  EXPECT_LT(outcome.phases[1].loss, outcome.phases[0].loss);
}

class StoppedAt : public testing::TestWithParam<int> {};
// A signal that comes while a step is shown stops the run after the next one. So these stop after the first, an inner
// and the last step of each phase, and inside and just after the removal epoch of the prune phase.
INSTANTIATE_TEST_SUITE_P(Steps, StoppedAt, testing::Values(1, 5, 11, 12, 15, 17, 20, 23, 24, 28, 32));

TEST_P(StoppedAt, ASignalSavesAndTheNextRunGoesOnToTheSameBytes) {
  const TemporaryFolder folder;
  const TrainJob job = shared_data().job(folder.path());
  {
    const StopSignal guard;
    const TrainOutcome stopped = run_job(job, [&](int step) {
      if (step == GetParam()) std::raise(SIGINT);
    });
    EXPECT_TRUE(stopped.stopped_by_signal);
    EXPECT_EQ(StopSignal::exit_code(), ExitCode::kInterrupted);
    StopSignal::clear();
  }
  ASSERT_TRUE(std::filesystem::exists(folder.path() + "/checkpoints/resume.ckpt"));
  int steps = 0;
  std::string output;
  const TrainOutcome outcome = run_job(job, [&](int) { ++steps; }, &output);
  EXPECT_FALSE(outcome.stopped_by_signal);
  EXPECT_THAT(output, testing::HasSubstr("resumed at phase"));
  EXPECT_EQ(steps, kSteps - GetParam() - 1);
  EXPECT_EQ(outcome.phases.size(), 3U);
  expect_same_checkpoints(folder.path());
}

class KilledAt : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, KilledAt, testing::Values(3, 15, 28));

// Nothing is written at the moment of death: the run goes on from the last timed save.
TEST_P(KilledAt, TheLastTimedSaveIsEnough) {
  const TemporaryFolder folder;
  Recipe recipe = test::tiny_recipe();
  recipe.train.checkpoint_minutes = 0.0;
  const TrainJob job = shared_data().job(folder.path(), recipe);
  EXPECT_THROW(run_job(job,
                       [&](int step) {
                         if (step == GetParam()) throw std::runtime_error("killed");
                       }),
               std::exception);
  int steps = 0;
  run_job(job, [&](int) { ++steps; });
  EXPECT_EQ(steps, kSteps - GetParam() + 1);
  // Another recipe, so another fingerprint in the checkpoints: compared with an uninterrupted run of the same.
  const TemporaryFolder other;
  run_job(shared_data().job(other.path(), recipe));
  const auto expected = checkpoints_of(other.path()), got = checkpoints_of(folder.path());
  for (const std::string& name : kFinished) EXPECT_TRUE(got.at(name) == expected.at(name)) << name << " differs";
}

TEST(Resume, AFinishedRunDoesNothingAndReportsTheSame) {
  const TemporaryFolder folder;
  const TrainOutcome first = run_job(shared_data().job(folder.path()));
  int steps = 0;
  const TrainOutcome second = run_job(shared_data().job(folder.path()), [&](int) { ++steps; });
  EXPECT_EQ(steps, 0);
  ASSERT_EQ(second.phases.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(second.phases[i].checkpoint, first.phases[i].checkpoint);
    EXPECT_EQ(second.phases[i].dev.accuracy, first.phases[i].dev.accuracy);
    EXPECT_EQ(second.phases[i].loss, first.phases[i].loss);
    EXPECT_EQ(second.phases[i].steps, first.phases[i].steps);
  }
}

TrainJob stopped_job(const TemporaryFolder& folder) {
  const StopSignal guard;
  TrainJob job = shared_data().job(folder.path());
  run_job(job, [](int step) {
    if (step == 4) std::raise(SIGTERM);
  });
  EXPECT_EQ(StopSignal::exit_code(), ExitCode::kTerminated);
  StopSignal::clear();
  return job;
}

std::string failure_of(const TrainJob& job, ExitCode code) {
  try {
    run_job(job);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), code);
    return failure.what();
  }
  ADD_FAILURE() << "did not fail";
  return {};
}

TEST(Resume, AnotherRecipeIsRefusedAndFreshStartsOver) {
  const TemporaryFolder folder;
  TrainJob job = stopped_job(folder);
  job.recipe.phases[0].learning_rate *= 2;
  const std::string message = failure_of(job, ExitCode::kOutput);
  EXPECT_THAT(message, testing::HasSubstr("resume.ckpt"));
  EXPECT_THAT(message, testing::HasSubstr("Fix: "));
  job.recipe = test::tiny_recipe();
  job.fresh = true;
  int steps = 0;
  run_job(job, [&](int) { ++steps; });
  EXPECT_EQ(steps, kSteps);
  expect_same_checkpoints(folder.path());
}

TEST(Resume, WhatTrainingDoesNotReadMayChange) {
  const TemporaryFolder folder;
  TrainJob job = stopped_job(folder);
  job.recipe.gates.min_primary_metric = 0.9;
  job.recipe.exports.onnx = false;
  job.recipe.data.ingest.top_k = 3;
  int steps = 0;
  run_job(job, [&](int) { ++steps; });
  EXPECT_LT(steps, kSteps);
  expect_same_checkpoints(folder.path());
}

TEST(Resume, ADamagedStateIsRefused) {
  const TemporaryFolder folder;
  const TrainJob job = stopped_job(folder);
  const std::string path = folder.path() + "/checkpoints/resume.ckpt";
  std::string bytes = read_text(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  folder.write("checkpoints/resume.ckpt", bytes);
  EXPECT_THAT(failure_of(job, ExitCode::kBadData), testing::HasSubstr(path));
}

TEST(Run, ALossThatIsNoNumberSaysWhereAndWhatToDo) {
  const TemporaryFolder folder;
  Recipe recipe = test::tiny_recipe();
  recipe.train.clip_norm = 0.0;
  recipe.phases[0].learning_rate = 1e38;
  const std::string message = failure_of(shared_data().job(folder.path(), recipe), ExitCode::kFailure);
  EXPECT_THAT(message, testing::ContainsRegex("loss became -?(nan|inf)"));
  EXPECT_THAT(message, testing::HasSubstr("phase 0 (distil)"));
  EXPECT_THAT(message, testing::HasSubstr("Fix: lower phases.0.learning_rate"));
}

}  // namespace
}  // namespace noggin::train
