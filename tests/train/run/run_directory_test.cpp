#include "train/run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"
#include "train/run/failure.h"
#include "train/run/stage_cache.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

using testing::HasSubstr;

// The exit code and message of what `action` throws.
template <class Action>
std::pair<ExitCode, std::string> failure_of(const Action& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return {failure.code(), failure.what()};
  }
  return {ExitCode::kOk, ""};
}

class RunDirectoryTest : public testing::Test {
 protected:
  Recipe recipe(const std::vector<std::string>& overrides = {}) {
    const RecipeParse parse = read_recipe(folder_.write("recipe.yaml", test::valid_recipe()), overrides);
    EXPECT_THAT(test::lines(parse.problems), testing::IsEmpty());
    return parse.recipe;
  }
  // A run directory of `recipe` in which training has saved its state.
  void start_training(const Recipe& recipe) {
    RunDirectory::open(out_, recipe, false);
    folder_.write("out/run/checkpoints/resume.ckpt", "state");
  }
  test::TemporaryFolder folder_;
  const std::string out_ = folder_.file("out/run");
};

TEST_F(RunDirectoryTest, ANewOneHoldsBothRecipesAndItsFolders) {
  const RunDirectory run = RunDirectory::open(out_, recipe(), false);
  EXPECT_EQ(test::read_text(run.recipe()), test::valid_recipe());
  EXPECT_EQ(test::read_text(run.resolved_recipe()), to_yaml(recipe()));
  EXPECT_TRUE(std::filesystem::is_directory(run.checkpoints()));
  EXPECT_TRUE(run.resumable());
  EXPECT_EQ(RunDirectory::existing(out_).path(), out_);
}

TEST_F(RunDirectoryTest, TheSameRecipeContinues) {
  RunDirectory::open(out_, recipe(), false);
  EXPECT_TRUE(RunDirectory::open(out_, recipe(), false).resumable());
}

TEST_F(RunDirectoryTest, AnotherRecipeIsRefusedAndTheDifferenceNamed) {
  start_training(recipe());
  const auto [code, message] = failure_of([&] { RunDirectory::open(out_, recipe({"train.batch_rows=7"}), false); });
  EXPECT_EQ(code, ExitCode::kOutput);
  EXPECT_THAT(message, HasSubstr("\"batch_rows: 64\" there, \"batch_rows: 7\" now"));
  EXPECT_EQ(test::read_text(out_ + "/recipe.resolved.yaml"), to_yaml(recipe())) << "nothing was changed";
  EXPECT_FALSE(RunDirectory::open(out_, recipe({"train.batch_rows=7"}), true).resumable())
      << "forced, but not to be resumed";
}

TEST_F(RunDirectoryTest, AnotherGateIsTheSameRun) {
  start_training(recipe());
  const Recipe other = recipe({"gates.min_quality=0.9", "export.onnx=false"});
  const RunDirectory run = RunDirectory::open(out_, other, false);
  EXPECT_TRUE(run.resumable());
  EXPECT_EQ(test::read_text(run.resolved_recipe()), to_yaml(other)) << "later stages read it there";
  EXPECT_EQ(test::read_text(run.checkpoints() + "/resume.ckpt"), "state");
}

TEST_F(RunDirectoryTest, ARunThatFinishedNothingTakesAnotherRecipe) {
  RunDirectory::open(out_, recipe(), false);
  const Recipe other = recipe({"train.batch_rows=7"});
  EXPECT_TRUE(RunDirectory::open(out_, other, false).resumable());
  EXPECT_EQ(test::read_text(out_ + "/recipe.resolved.yaml"), to_yaml(other));
}

TEST_F(RunDirectoryTest, AFinishedStageBelongsToItsRecipe) {
  const RunDirectory run = RunDirectory::open(out_, recipe(), false);
  StageCache(run.stages(), run.path()).record("ingest", 7, {}, 1.0);
  EXPECT_EQ(failure_of([&] { RunDirectory::open(out_, recipe({"data.top_k=3"}), false); }).first, ExitCode::kOutput);
  EXPECT_NO_THROW(RunDirectory::open(out_, recipe(), false));
}

TEST_F(RunDirectoryTest, ARecipeThatCannotBeReadIsAnother) {
  start_training(recipe());
  folder_.write("out/run/recipe.resolved.yaml", "name: [");
  EXPECT_EQ(failure_of([&] { RunDirectory::open(out_, recipe(), false); }).first, ExitCode::kOutput);
}

TEST_F(RunDirectoryTest, ForeignFoldersAndFilesAreRefused) {
  folder_.write("out/run/thesis.txt", "precious");
  EXPECT_EQ(failure_of([&] { RunDirectory::open(out_, recipe(), false); }).first, ExitCode::kOutput);
  RunDirectory::open(out_, recipe(), true);
  EXPECT_EQ(test::read_text(out_ + "/thesis.txt"), "precious");
  const std::string file = folder_.write("file", "x");
  EXPECT_EQ(failure_of([&] { RunDirectory::open(file, recipe(), false); }).first, ExitCode::kOutput);
  EXPECT_EQ(failure_of([&] { RunDirectory::open(file + "/below", recipe(), false); }).first, ExitCode::kOutput);
}

TEST_F(RunDirectoryTest, AnEmptyFolderIsFree) {
  std::filesystem::create_directories(out_);
  EXPECT_NO_THROW(RunDirectory::open(out_, recipe(), false));
}

TEST_F(RunDirectoryTest, ExistingRefusesWhatIsNoRun) {
  EXPECT_EQ(failure_of([&] { RunDirectory::existing(folder_.path()); }).first, ExitCode::kBadData);
}

class StageCacheTest : public testing::Test {
 protected:
  StageCache cache() { return StageCache(folder_.file("stages.json"), folder_.path()); }
  test::TemporaryFolder folder_;
  const std::string input_ = folder_.write("input.txt", "one");
  const std::string output_ = folder_.write("data/output.txt", "result");
};

TEST_F(StageCacheTest, CurrentUntilAnythingChanges) {
  const std::uint64_t key = StageCache::key("ingest", {{input_}, "a: 1"});
  EXPECT_FALSE(cache().is_current("ingest", key));
  StageCache writer = cache();
  writer.record("ingest", key, {output_}, 1.5);
  EXPECT_TRUE(cache().is_current("ingest", key));
  EXPECT_THAT(cache().outputs("ingest"), testing::ElementsAre(output_));
  EXPECT_NE(StageCache::key("ingest", {{input_}, "a: 2"}), key) << "settings count";
  EXPECT_NE(StageCache::key("train", {{input_}, "a: 1"}), key) << "the stage counts";
  folder_.write("input.txt", "two");
  EXPECT_NE(StageCache::key("ingest", {{input_}, "a: 1"}), key) << "the file counts";
}

TEST_F(StageCacheTest, ChangedOrMissingOutputsRunAgain) {
  StageCache writer = cache();
  writer.record("ingest", 7, {output_}, 1.5);
  folder_.write("data/output.txt", "tampered");
  EXPECT_FALSE(cache().is_current("ingest", 7));
  folder_.write("data/output.txt", "result");
  EXPECT_TRUE(cache().is_current("ingest", 7));
  std::filesystem::remove(output_);
  EXPECT_FALSE(cache().is_current("ingest", 7));
}

TEST_F(StageCacheTest, ADamagedFileCountsAsEmpty) {
  folder_.write("stages.json", "{\"ingest\": {\"key\": 3}}");
  EXPECT_FALSE(cache().is_current("ingest", 3));
  folder_.write("stages.json", "{\"ing");
  EXPECT_FALSE(cache().is_current("ingest", 3));
}

TEST_F(StageCacheTest, AMissingInputIsBadData) {
  EXPECT_EQ(failure_of([&] { StageCache::key("ingest", {{folder_.file("none")}, ""}); }).first, ExitCode::kBadData);
}

TEST(StopSignalTest, TheFirstSignalOnlySetsTheFlag) {
  StopSignal::clear();
  {
    const StopSignal guard;
    EXPECT_FALSE(StopSignal::requested());
    std::raise(SIGTERM);
    EXPECT_TRUE(StopSignal::requested());
    EXPECT_EQ(StopSignal::exit_code(), ExitCode::kTerminated);
    StopSignal::clear();
    std::raise(SIGINT);
    EXPECT_EQ(StopSignal::exit_code(), ExitCode::kInterrupted);
  }
  StopSignal::clear();
}

TEST(StopSignalDeathTest, TheSecondSignalKills) {
  EXPECT_EXIT(
      {
        const StopSignal guard;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace noggin::train
