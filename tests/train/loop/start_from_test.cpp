// A training that goes on from a trained student: what it begins with, what it keeps, and that it resumes to the same
// bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/train_process_group.h"
#include "tests/support/train_start.h"
#include "tests/support/train_tiny_run.h"
#include "train/run/failure.h"
#include "train/start/adopt_start.h"

namespace noggin::train::start_from {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::read_text;
using test::run_job;
using test::shared_data;
using test::TemporaryFolder;
using testing::HasSubstr;

// The checkpoints of a training with all three phases, pruned to layers of different shapes.
const TemporaryFolder& first_run() {
  static const TemporaryFolder folder;
  static const TrainOutcome outcome = run_job(shared_data().job(folder.path()));
  return folder;
}
std::string whole() { return first_run().path() + "/checkpoints/0-distil.ckpt"; }
std::string pruned() { return first_run().path() + "/checkpoints/1-prune.ckpt"; }

// The tiny recipe with these of its phases, and without a shape of its own.
Recipe recipe_from(const std::string& start, const std::vector<std::size_t>& phases) {
  const Recipe tiny = test::tiny_recipe();
  Recipe recipe = tiny;
  recipe.student = {};
  recipe.student.dropout = tiny.student.dropout;
  recipe.init.from = start;
  recipe.phases.clear();
  for (const std::size_t phase : phases) recipe.phases.push_back(tiny.phases[phase]);
  const Adoption adoption = adopt_start(recipe, {"zero", "one", "two"});
  EXPECT_TRUE(adoption) << (adoption ? "" : adoption.problems[0].error.message);
  return recipe;
}
constexpr std::size_t kDistil = 0, kPrune = 1, kQat = 2;

std::vector<json> evaluations_of(const std::string& folder) {
  std::vector<json> found;
  std::ifstream file(folder + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);)
    if (json one = json::parse(line); one.contains("dev")) found.push_back(std::move(one));
  return found;
}

std::map<std::string, std::string> checkpoints_of(const std::string& folder) {
  return test::files_in(folder + "/checkpoints");
}

TEST(StartFrom, DevBeforeTheFirstStepIsThatOfTheStart) {
  for (const std::string& start : {whole(), pruned()}) {
    const TemporaryFolder folder;
    run_job(shared_data().job(folder.path(), recipe_from(start, {kDistil})));
    const json first = evaluations_of(folder.path()).at(0);
    EXPECT_EQ(first["step"], 0);
    EXPECT_EQ(first["dev"], json(read_bundle(start)->history.at("dev"))) << start;
    const StudentBundle kept = *read_bundle(folder.path() + "/checkpoints/start.ckpt");
    EXPECT_EQ(kept.student.config, read_bundle(start)->student.config);
    test::expect_same_tensors(kept.student, read_bundle(start)->student);
  }
}

TEST(StartFrom, AQuantizedStartGivesItsFloatWeights) {
  const TemporaryFolder folder;
  const std::string start = first_run().path() + "/checkpoints/2-qat.ckpt";
  const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe_from(start, {kDistil})));
  test::expect_same_tensors(read_bundle(outcome.start)->student, read_bundle(start)->student);
}

TEST(StartFrom, ATrainingThatOnlyDoesHarmKeepsTheStart) {
  const TemporaryFolder good;
  Recipe longer = test::tiny_recipe();
  longer.phases = {longer.phases[kDistil]};
  longer.phases[0].epochs = 15;
  longer.phases[0].learning_rate = 1e-2;
  const std::string path = run_job(shared_data().job(good.path(), longer)).final_checkpoint();
  for (const std::size_t kind : {kDistil, kQat}) {
    const TemporaryFolder folder;
    Recipe recipe = recipe_from(path, {kind});
    recipe.phases[0].learning_rate = 0.5;
    recipe.train.ema = 0.0;
    const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe));
    const std::vector<json> evaluations = evaluations_of(folder.path());
    EXPECT_EQ(evaluations[0]["step"], 0);
    EXPECT_LT(evaluations[1]["dev"]["quality"], evaluations[0]["dev"]["quality"]) << "the test means nothing else";
    EXPECT_EQ(outcome.phases[0].dev.primary_metric, evaluations[0]["dev"]["quality"]);
    const Student last = read_bundle(outcome.final_checkpoint())->student, start = read_bundle(path)->student;
    EXPECT_TRUE(test::same_bits(last.word, start.word));
    EXPECT_TRUE(test::same_bits(last.classifier.weight, start.classifier.weight));
  }
}

TEST(StartFrom, ARecipeMayBeginWithPruning) {
  const TemporaryFolder folder;
  const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe_from(pruned(), {kPrune, kQat})));
  const auto neurons = [](const std::string& checkpoint) {
    const StudentBundle bundle = *read_bundle(checkpoint);
    std::uint32_t sum = 0;
    for (const spec::LayerConfig& layer : bundle.student.config.encoder.layers) sum += layer.ffn_width;
    return sum;
  };
  EXPECT_EQ(neurons(outcome.pruned_checkpoint()), neurons(pruned()) * 3 / 4);
  EXPECT_EQ(outcome.start, folder.path() + "/checkpoints/start.ckpt");
  EXPECT_EQ(outcome.float_checkpoint(), outcome.start);
  EXPECT_EQ(outcome.best_float_checkpoint(), outcome.phases[0].checkpoint);
}

TEST(StartFrom, QuantizationAloneIsComparedWithTheStart) {
  const TemporaryFolder folder;
  const TrainOutcome outcome = run_job(shared_data().job(folder.path(), recipe_from(whole(), {kQat})));
  EXPECT_EQ(outcome.float_checkpoint(), outcome.start);
  EXPECT_EQ(outcome.best_float_checkpoint(), outcome.start);
  EXPECT_EQ(outcome.pruned_checkpoint(), "");
  fs::remove(outcome.start);
  EXPECT_EQ(run_job(shared_data().job(folder.path(), recipe_from(whole(), {kQat}))).start, outcome.start);
  EXPECT_TRUE(fs::exists(outcome.start)) << "made again";
}

class StartFromKilled : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Steps, StartFromKilled, testing::Values(1, 5, 12, 17));

TEST_P(StartFromKilled, GoesOnToTheSameBytes) {
  const TemporaryFolder alone, killed;
  Recipe recipe = recipe_from(pruned(), {kDistil, kQat});
  recipe.train.checkpoint_minutes = 0.0;
  run_job(shared_data().job(alone.path(), recipe));
  const TrainJob job = shared_data().job(killed.path(), recipe);
  EXPECT_ANY_THROW(run_job(job, [](int step) {
    if (step == GetParam()) throw std::runtime_error("killed");
  }));
  run_job(job);
  const auto expected = checkpoints_of(alone.path()), got = checkpoints_of(killed.path());
  ASSERT_EQ(got.size(), 3U);
  for (const auto& [name, bytes] : expected) EXPECT_TRUE(got.at(name) == bytes) << name << " differs";
}

// A start that has changed is another start, so another training; one that is gone is refused, and nothing is lost.
TEST(StartFrom, AStateBelongsToTheContentsOfItsStart) {
  const TemporaryFolder folder, starts;
  const std::string start = starts.file("start.ckpt");
  fs::copy_file(pruned(), start);
  Recipe recipe = recipe_from(start, {kDistil});
  const TrainJob job = shared_data().job(folder.path(), recipe);
  EXPECT_ANY_THROW(run_job(job, [](int step) {
    if (step == 3) throw std::runtime_error("killed");
  }));
  const auto before = checkpoints_of(folder.path());
  fs::rename(start, starts.file("elsewhere.ckpt"));
  try {
    run_job(job);
    ADD_FAILURE() << "was not refused";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
    EXPECT_THAT(failure.what(), HasSubstr(start + " does not exist. Fix: "));
  }
  EXPECT_TRUE(checkpoints_of(folder.path()) == before);

  TrainJob moved = job;
  moved.recipe.init.from = starts.file("elsewhere.ckpt");
  std::string output;
  run_job(moved, {}, &output);
  EXPECT_THAT(output, HasSubstr("resumed at phase 1")) << "the same contents in another place";

  StudentBundle other = *read_bundle(pruned());
  other.student.word.mul_(1.01);
  ASSERT_TRUE(write_bundle(other, start));
  run_job(job, {}, &output);
  EXPECT_THAT(output, HasSubstr("training starts over: the run directory holds other data"));
  EXPECT_TRUE(fs::exists(folder.path() + "/checkpoints/aside-1/start.ckpt"));
  test::expect_same_tensors(read_bundle(folder.path() + "/checkpoints/start.ckpt")->student, other.student);
}

TEST(StartFrom, AChangedLaterPhaseGoesOnAfterTheFirst) {
  const TemporaryFolder folder, alone;
  Recipe recipe = recipe_from(whole(), {kPrune, kQat});
  run_job(shared_data().job(folder.path(), recipe));
  recipe.phases[1].learning_rate *= 0.5;
  std::string output;
  run_job(shared_data().job(folder.path(), recipe), {}, &output);
  EXPECT_THAT(output, HasSubstr("going on after"));
  run_job(shared_data().job(alone.path(), recipe));
  for (const char* name : {"start.ckpt", "0-prune.ckpt", "1-qat.ckpt"}) {
    EXPECT_TRUE(read_text(folder.path() + "/checkpoints/" + name) == read_text(alone.path() + "/checkpoints/" + name))
        << name;
  }
}

// Whatever the others have read, all begin with rank 0's weights.
TEST(StartFromGroup, TheStartOfRank0ReachesAll) {
  const TemporaryFolder together, starts, other_start;
  const StudentBundle start = test::trained_bundle(true);
  StudentBundle other = start;
  other.student = make_student(start.student.config, 0.1, 18);
  const std::string path = test::written(starts, start), other_path = test::written(other_start, other);
  const auto run_group = [&](const std::string& folder, const std::string& of_rank_1) {
    const std::vector<int> exits = test::in_processes(2, [&](int rank) {
      Recipe recipe = recipe_from(rank == 0 ? path : of_rank_1, {kDistil});
      recipe.train.threads = 1;
      run_job(shared_data().job(folder, recipe));
      return 0;
    });
    EXPECT_THAT(exits, testing::ElementsAre(0, 0));
    return read_text(folder + "/checkpoints/0-distil.ckpt");
  };
  const TemporaryFolder same;
  const std::string bytes = run_group(same.path(), path);
  EXPECT_TRUE(run_group(together.path(), other_path) == bytes);
}

}  // namespace
}  // namespace noggin::train::start_from
