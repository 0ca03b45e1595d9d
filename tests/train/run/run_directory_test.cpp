#include "train/run/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"
#include "train/run/failure.h"
#include "train/run/space_needed.h"
#include "train/run/stage_cache.h"
#include "train/run/stale_results.h"
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
  RunDirectory open(const Recipe& recipe, bool force = false) { return RunDirectory::open(out_, recipe, force, "run"); }
  RunDirectory open() { return open(recipe()); }
  // A run directory of `recipe` in which training has saved its state.
  void start_training(const Recipe& recipe) {
    open(recipe);
    folder_.write("out/run/checkpoints/resume.ckpt", "state");
  }
  test::TemporaryFolder folder_;
  const std::string out_ = folder_.file("out/run");
};

TEST_F(RunDirectoryTest, ANewOneHoldsBothRecipesAndItsFolders) {
  const RunDirectory run = open();
  EXPECT_EQ(test::read_text(run.recipe()), test::valid_recipe());
  EXPECT_EQ(test::read_text(run.resolved_recipe()), to_yaml(recipe()));
  EXPECT_TRUE(std::filesystem::is_directory(run.checkpoints()));
  EXPECT_EQ(RunDirectory::existing(out_).path(), out_);
}

TEST_F(RunDirectoryTest, TheSameRecipeContinues) {
  start_training(recipe());
  EXPECT_NO_THROW(open());
  EXPECT_EQ(test::read_text(out_ + "/checkpoints/resume.ckpt"), "state");
}

TEST_F(RunDirectoryTest, AnotherRecipeIsRefusedAndTheDifferenceNamed) {
  start_training(recipe());
  const auto [code, message] = failure_of([&] { open(recipe({"train.batch_rows=7"}), false); });
  EXPECT_EQ(code, ExitCode::kOutput);
  EXPECT_THAT(message, HasSubstr("\"batch_rows: 64\" there, \"batch_rows: 7\" now"));
  EXPECT_THAT(
      message,
      HasSubstr(
          "kept: what was read of unchanged log files, ingested rows, baseline; made anew: training, exported files."));
  EXPECT_THAT(message, testing::Not(HasSubstr("--reuse")));
  EXPECT_EQ(test::read_text(out_ + "/recipe.resolved.yaml"), to_yaml(recipe())) << "nothing was changed";
  EXPECT_NO_THROW(open(recipe({"train.batch_rows=7"}), true));
}

TEST_F(RunDirectoryTest, PhasesBeforeTheFirstChangeAreKept) {
  start_training(recipe());
  const std::string last = std::to_string(recipe().phases.size() - 1), count = std::to_string(recipe().phases.size());
  const auto [code, message] = failure_of([&] { open(recipe({"phases." + last + ".epochs=0.5"}), false); });
  EXPECT_EQ(code, ExitCode::kOutput);
  EXPECT_THAT(message, HasSubstr("baseline, the first " + last + " of " + count +
                                 " phases of training; made anew: later phases, exported files."));
  EXPECT_THAT(message, HasSubstr("with --reuse " + out_));
}

TEST_F(RunDirectoryTest, AnotherGateIsTheSameRun) {
  start_training(recipe());
  const Recipe other = recipe({"gates.min_quality=0.9", "export.onnx=false"});
  const RunDirectory run = open(other);
  EXPECT_EQ(test::read_text(run.resolved_recipe()), to_yaml(other)) << "later stages read it there";
  EXPECT_EQ(test::read_text(run.checkpoints() + "/resume.ckpt"), "state");
}

TEST_F(RunDirectoryTest, ARunThatFinishedNothingTakesAnotherRecipe) {
  open();
  const Recipe other = recipe({"train.batch_rows=7"});
  EXPECT_NO_THROW(open(other));
  EXPECT_EQ(test::read_text(out_ + "/recipe.resolved.yaml"), to_yaml(other));
}

TEST_F(RunDirectoryTest, AFinishedStageBelongsToItsRecipe) {
  {
    const RunDirectory run = open();
    StageCache(run.stages(), run.path()).record("ingest", 7, {}, 1.0);
  }
  EXPECT_EQ(failure_of([&] { open(recipe({"data.top_k=3"}), false); }).first, ExitCode::kOutput);
  EXPECT_NO_THROW(open());
}

TEST_F(RunDirectoryTest, ARecipeThatCannotBeReadIsAnother) {
  start_training(recipe());
  folder_.write("out/run/recipe.resolved.yaml", "name: [");
  const auto [code, message] = failure_of([&] { open(); });
  EXPECT_EQ(code, ExitCode::kOutput);
  EXPECT_THAT(message, HasSubstr("delete that file to go on"));
  std::filesystem::remove(out_ + "/recipe.resolved.yaml");
  EXPECT_NO_THROW(open());
  EXPECT_EQ(test::read_text(out_ + "/checkpoints/resume.ckpt"), "state");
}

// A kill at any moment of creation: the next holder goes on, and clears what the killed one left.
TEST_F(RunDirectoryTest, AKillWhileItIsCreatedDoesNotMakeItForeign) {
  std::filesystem::create_directories(out_ + "/data");
  { const RunLock lock(out_, "run"); }
  folder_.write("out/run/recipe.yaml.tmp-123-0", "na");
  folder_.write("out/run/checkpoints/resume.ckpt.tmp-77-12", "half");
  folder_.write("out/run/data/shards/train-00000.h5.partial", "half");
  folder_.write("out/run/data/parts/0011223344556677.part.tmp-77-13", "half");
  folder_.write("out/run/export/notes.tmp-draft", "the user's");
  const RunDirectory run = open();
  EXPECT_EQ(run.removed_temporaries(), 4U);
  EXPECT_FALSE(std::filesystem::exists(out_ + "/recipe.yaml.tmp-123-0"));
  EXPECT_FALSE(std::filesystem::exists(out_ + "/checkpoints/resume.ckpt.tmp-77-12"));
  EXPECT_FALSE(std::filesystem::exists(out_ + "/data/parts/0011223344556677.part.tmp-77-13"));
  EXPECT_TRUE(std::filesystem::exists(out_ + "/export/notes.tmp-draft"));
}

TEST_F(RunDirectoryTest, ThreadsAndMovedPathsAreTheSameRun) {
  start_training(recipe());
  EXPECT_NO_THROW(open(recipe({"train.threads=3", "train.checkpoint_minutes=7"})));
  EXPECT_NO_THROW(open(recipe({"name=other", "data.dev=[{adapter: jsonl, path: /moved/dev.jsonl}]"})));
}

// Another holder, in another process.
class OtherHolder {
 public:
  explicit OtherHolder(const std::string& folder) {
    int ready[2] = {-1, -1};
    if (::pipe(ready) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) {
      const RunLock lock(folder, "train");
      (void)!::write(ready[1], "x", 1);
      while (true) ::pause();
    }
    char byte = 0;
    (void)!::read(ready[0], &byte, 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~OtherHolder() { kill(); }
  OtherHolder(const OtherHolder&) = delete;
  OtherHolder& operator=(const OtherHolder&) = delete;
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(std::exchange(child_, -1), nullptr, 0);
  }
  pid_t process() const { return child_; }

 private:
  pid_t child_ = -1;
};

TEST_F(RunDirectoryTest, ASecondWriterIsRefusedAndToldWhoHoldsIt) {
  start_training(recipe());
  OtherHolder holder(out_);
  for (const bool force : {false, true}) {
    const auto [code, message] = failure_of([&] { open(recipe(), force); });
    EXPECT_EQ(code, ExitCode::kOutput);
    EXPECT_THAT(message, HasSubstr("noggin train, process " + std::to_string(holder.process()) + " on host "));
    EXPECT_THAT(message, testing::ContainsRegex("since 20..-..-..T..:..:..Z"));
  }
  EXPECT_EQ(failure_of([&] { RunDirectory::existing_to_write(out_, "export"); }).first, ExitCode::kOutput);
  EXPECT_NO_THROW(RunDirectory::existing(out_)) << "reading is free";
  holder.kill();
  EXPECT_NO_THROW(open()) << "a killed holder holds nothing";
}

TEST_F(RunDirectoryTest, ResultsOfAnEarlierTrainingAreMarkedOnce) {
  const RunDirectory run = open();
  mark_stale(run, "nothing there");
  EXPECT_FALSE(std::filesystem::exists(run.results()));
  folder_.write("out/run/results.json", R"({"rows": 3})");
  folder_.write("out/run/export/certificate.json", R"({"passed": true})");
  mark_stale(run, "first");
  mark_stale(run, "second");
  for (const std::string& path : {run.results(), run.certificate()}) {
    const auto json = nlohmann::json::parse(test::read_text(path));
    EXPECT_EQ(json["stale"]["why"], "first");
    EXPECT_EQ(json.size(), 2U);
  }
}

TEST_F(RunDirectoryTest, TheSpaceAskedForFitsTheRun) {
  Recipe small = recipe({"student={layers: 1, width: 32, heads: 2, ffn_width: 64}", "tokenizer.size=600"});
  const RunInputs inputs{.log_bytes = 200'000, .test_bytes = 20'000, .classes = 3, .vocabulary_size = 600};
  EXPECT_LT(space_needed(small, inputs), 10U << 20U);
  EXPECT_GT(space_needed(small, inputs), 600'000U) << "shards alone";
  RunInputs more = inputs;
  more.vocabulary_size = 30'000;
  EXPECT_GT(space_needed(small, more), space_needed(small, inputs) + 15U * 29'400U * 32U * 4U);
}

TEST_F(RunDirectoryTest, ForeignFoldersAndFilesAreRefused) {
  folder_.write("out/run/thesis.txt", "precious");
  EXPECT_EQ(failure_of([&] { open(); }).first, ExitCode::kOutput);
  open(recipe(), true);
  EXPECT_EQ(test::read_text(out_ + "/thesis.txt"), "precious");
  const std::string file = folder_.write("file", "x");
  EXPECT_EQ(failure_of([&] { RunDirectory::open(file, recipe(), false, "run"); }).first, ExitCode::kOutput);
  EXPECT_EQ(failure_of([&] { RunDirectory::open(file + "/below", recipe(), false, "run"); }).first, ExitCode::kOutput);
}

TEST_F(RunDirectoryTest, AnEmptyFolderIsFree) {
  std::filesystem::create_directories(out_);
  EXPECT_NO_THROW(open());
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

TEST_F(StageCacheTest, ReadersCompareEachFileWithItsRecord) {
  const std::string other = folder_.write("data/other.txt", "another");
  EXPECT_THAT(failure_of([&] { cache().check("ingest", {output_}); }).second, HasSubstr("does not record"));
  StageCache writer = cache();
  writer.record("ingest", 7, {output_, other}, 1.5);
  EXPECT_NO_THROW(cache().check("ingest", {other, output_}));
  EXPECT_NO_THROW(cache().check_names("ingest", {other, output_}));
  EXPECT_THAT(failure_of([&] { cache().check_names("ingest", {output_}); }).second, HasSubstr("other.txt is missing"));
  EXPECT_THAT(failure_of([&] { cache().check("ingest", {input_}); }).second, HasSubstr("input.txt is not an output"));
  EXPECT_THAT(failure_of([&] { cache().check_names("ingest", {other, output_, input_}); }).second,
              HasSubstr("input.txt is not an output"));
  folder_.write("data/output.txt", "resulT");
  for (const auto& read : {+[](const StageCache& cache, const std::string& file) { cache.check("ingest", {file}); },
                           +[](const StageCache& cache, const std::string& file) { cache.check_if_recorded(file); }}) {
    const auto [code, message] = failure_of([&] { read(cache(), output_); });
    EXPECT_EQ(code, ExitCode::kBadData);
    EXPECT_THAT(message, HasSubstr("data/output.txt is not the file that stage \"ingest\""));
  }
  EXPECT_NO_THROW(cache().check_if_recorded(input_));
  std::filesystem::remove(output_);
  EXPECT_THAT(failure_of([&] { cache().check("ingest", {output_}); }).second, HasSubstr("output.txt is missing"));
}

TEST_F(StageCacheTest, AForgottenStageRunsAgain) {
  StageCache writer = cache();
  writer.record("train", 7, {output_}, 1.5);
  writer.forget("train");
  EXPECT_FALSE(cache().is_current("train", 7));
}

TEST_F(StageCacheTest, ADamagedFileCountsAsEmpty) {
  EXPECT_EQ(cache().damage(), "") << "absent";
  folder_.write("stages.json", "{\"ingest\": {\"key\": 3}}");
  EXPECT_FALSE(cache().is_current("ingest", 3));
  folder_.write("stages.json", "{\"ing");
  EXPECT_FALSE(cache().is_current("ingest", 3));
  EXPECT_EQ(cache().damage(), "is damaged");
  std::filesystem::remove(folder_.file("stages.json"));
  std::filesystem::create_directory(folder_.file("stages.json"));
  EXPECT_EQ(cache().damage(), "is not a file");
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
