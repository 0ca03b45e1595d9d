// A run that was stopped or killed at any point goes on as if nothing had happened: its checkpoints have the same
// bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

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
  return test::files_in(folder + "/checkpoints");
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

// Each way to choose what is removed takes away as much and other parts; the one that observes batches goes on to the
// same bytes, too.
TEST(Run, HowPartsAreChosenChangesWhichAndNotHowMany) {
  std::map<Importance, std::string> bytes;
  for (const Importance importance : {Importance::kFirstOrder, Importance::kMagnitude, Importance::kSecondOrder}) {
    const TemporaryFolder folder, stopped;
    Recipe recipe = test::tiny_recipe();
    recipe.phases.pop_back();
    recipe.phases[1].importance = importance;
    recipe.phases[1].removals = 3;
    recipe.phases[1].removal_curve = RemovalCurve::kCubic;
    const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe));
    const StudentBundle pruned = *read_bundle(outcome.pruned_checkpoint());
    std::uint32_t neurons = 0;
    for (const spec::LayerConfig& layer : pruned.student.config.encoder.layers) neurons += layer.ffn_width;
    EXPECT_EQ(neurons, 48U);
    bytes[importance] = checkpoints_of(folder.path()).at("1-prune.ckpt");
    if (importance != Importance::kSecondOrder) continue;
    const TrainJob job = shared_data().job(stopped.path(), recipe);
    {
      const StopSignal guard;
      run_job(job, [&](int step) {
        if (step == 15) std::raise(SIGINT);
      });
      StopSignal::clear();
    }
    run_job(job);
    EXPECT_TRUE(checkpoints_of(stopped.path()).at("1-prune.ckpt") == bytes[importance]) << "after a stop";
  }
  EXPECT_FALSE(bytes[Importance::kFirstOrder] == bytes[Importance::kMagnitude]);
  EXPECT_FALSE(bytes[Importance::kFirstOrder] == bytes[Importance::kSecondOrder]);
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

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What a stopped training has saved survives a start with another recipe or other rows, and is named.
void expect_moved_aside(const TemporaryFolder& folder, const TrainJob& job, const std::string& what) {
  const std::string state = read_text(folder.path() + "/checkpoints/resume.ckpt");
  std::string output;
  int steps = 0;
  run_job(job, [&](int) { ++steps; }, &output);
  EXPECT_EQ(steps, kSteps) << "from the first step";
  const std::string aside = folder.path() + "/checkpoints/aside-1";
  EXPECT_THAT(output, testing::HasSubstr("warning: training starts over: the run directory holds " + what +
                                         ", stopped in phase 1 at step 5"));
  EXPECT_THAT(output, testing::HasSubstr(aside));
  EXPECT_TRUE(read_text(aside + "/resume.ckpt") == state);
  EXPECT_EQ(names_in(aside), (std::vector<std::string>{"resume.ckpt", "resume.previous.ckpt"}));
}

TEST(Resume, AStateOfAnotherRecipeIsMovedAside) {
  const TemporaryFolder folder;
  TrainJob job = stopped_job(folder);
  job.recipe.phases[0].learning_rate *= 2;
  expect_moved_aside(folder, job, "another recipe");
}

TEST(Resume, AStateOfOtherRowsIsMovedAside) {
  const TemporaryFolder folder, data;
  TrainJob job = stopped_job(folder);
  job.train_shards = test::write_tiny_shards(data.file("train"), 44, 24, 3, 5);  // as many, others
  expect_moved_aside(folder, job, "other data");
}

TEST(Resume, AFinishedTrainingOfOtherRowsIsMovedAside) {
  const TemporaryFolder folder, data;
  TrainJob job = shared_data().job(folder.path());
  run_job(job);
  job.dev_shards = test::write_tiny_shards(data.file("dev"), 20, 100, 4, 5);
  std::string output;
  run_job(job, {}, &output);
  EXPECT_THAT(output, testing::HasSubstr("holds other data, finished phases. 0-distil.ckpt, 1-prune.ckpt, 2-qat.ckpt "
                                         "are kept in"));
  for (const std::string& name : kFinished) {
    EXPECT_TRUE(read_text(folder.path() + "/checkpoints/aside-1/" + name) == uninterrupted().at(name)) << name;
  }
}

TEST(Resume, FreshDeletesWhateverLiesThere) {
  const TemporaryFolder folder;
  TrainJob job = stopped_job(folder);
  folder.write("checkpoints/resume.ckpt", "damaged");
  folder.write("checkpoints/resume.previous.ckpt", "damaged, too");
  job.fresh = true;
  int steps = 0;
  run_job(job, [&](int) { ++steps; });
  EXPECT_EQ(steps, kSteps);
  expect_same_checkpoints(folder.path());
}

TEST(Resume, BeginsIsCalledUnlessEverythingIsFinished) {
  const TemporaryFolder folder;
  TrainJob job = shared_data().job(folder.path());
  int begun = 0;
  job.begins = [&] {
    ++begun;
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/checkpoints/0-distil.ckpt")) << "before any change";
  };
  run_job(job);
  EXPECT_EQ(begun, 1);
  run_job(job);
  EXPECT_EQ(begun, 1);
}

// Lines of a run's metrics: phase, step and what was measured, without run and time.
std::vector<std::string> metrics_of(const std::string& folder) {
  std::vector<std::string> lines;
  std::ifstream file(folder + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    auto json = nlohmann::ordered_json::parse(line);
    EXPECT_EQ(json.erase("run"), 1U) << line;
    EXPECT_EQ(json.erase("time"), 1U) << line;
    lines.push_back(json.dump());
  }
  return lines;
}

// Killed in each phase, after steps that no state knows of: they are made again, and stand in the file once.
TEST_P(KilledAt, MetricsHoldEachLineOnce) {
  Recipe recipe = test::tiny_recipe();
  recipe.train.evaluations_per_epoch = 6;  // a line per step
  const TemporaryFolder whole, killed;
  run_job(shared_data().job(whole.path(), recipe));
  const TrainJob job = shared_data().job(killed.path(), recipe);
  EXPECT_THROW(run_job(job,
                       [&](int step) {
                         if (step == GetParam()) throw std::runtime_error("killed");
                       }),
               std::exception);
  std::ofstream(killed.path() + "/metrics.jsonl", std::ios::app) << R"({"run": "cut)";
  run_job(job);
  EXPECT_EQ(metrics_of(killed.path()), metrics_of(whole.path()));
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

// Flips a bit in the middle.
void damage(const std::string& path) {
  std::string bytes = read_text(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Resume, ADamagedStateFallsBackToTheOneBefore) {
  const TemporaryFolder folder;
  const TrainJob job = stopped_job(folder);
  const std::string path = folder.path() + "/checkpoints/resume.ckpt";
  damage(path);
  int steps = 0;
  std::string output;
  run_job(job, [&](int) { ++steps; }, &output);
  EXPECT_EQ(steps, kSteps) << "the state before was saved before the first step";
  EXPECT_THAT(output, testing::HasSubstr("warning: " + path));
  EXPECT_THAT(output, testing::HasSubstr("going on from the state saved before it"));
  EXPECT_THAT(output, testing::HasSubstr("resumed at phase 1"));
  EXPECT_EQ(names_in(folder.path() + "/checkpoints/aside-1"), std::vector<std::string>{"resume.ckpt"});
  std::filesystem::remove_all(folder.path() + "/checkpoints/aside-1");
  expect_same_checkpoints(folder.path());
}

// A kill between the two renames of a save.
TEST(Resume, TheStateBeforeIsEnoughWhenTheNewestIsMissing) {
  const TemporaryFolder folder;
  const TrainJob job = stopped_job(folder);
  std::filesystem::rename(folder.path() + "/checkpoints/resume.ckpt",
                          folder.path() + "/checkpoints/resume.previous.ckpt");
  int steps = 0;
  run_job(job, [&](int) { ++steps; });
  EXPECT_EQ(steps, kSteps - 5);
  expect_same_checkpoints(folder.path());
}

TEST(Resume, OnlyDamagedStatesAreRefused) {
  const TemporaryFolder folder;
  const TrainJob job = stopped_job(folder);
  const std::string path = folder.path() + "/checkpoints/resume.ckpt";
  damage(path);
  damage(folder.path() + "/checkpoints/resume.previous.ckpt");
  const std::string before = read_text(path), message = failure_of(job, ExitCode::kBadData);
  EXPECT_THAT(message, testing::HasSubstr(path));
  EXPECT_THAT(message, testing::HasSubstr("--force to start over"));
  EXPECT_TRUE(read_text(path) == before) << "nothing is changed";
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
