#include "train/recipe/stage_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

std::vector<std::string> all_keys() {
  std::vector<std::string> keys = {"phases"};
  for (const Field<Recipe>& field : recipe_fields()) keys.push_back(field.key);
  return keys;
}

class StageSections : public testing::Test {
 protected:
  Recipe recipe(const std::vector<std::string>& overrides = {}) {
    const RecipeParse parse = read_recipe(folder_.write("recipe.yaml", test::valid_recipe()), overrides);
    EXPECT_THAT(test::lines(parse.problems), testing::IsEmpty());
    return parse.recipe;
  }
  test::TemporaryFolder folder_;
};

// A new section must be added to the table: to a cached stage, or to verify, which always runs.
TEST_F(StageSections, EveryKeyBelongsToAStage) {
  for (const std::string& key : all_keys()) {
    EXPECT_TRUE(std::ranges::any_of(kStages, [&](Stage stage) { return in_sections(key, sections_of(stage)); })) << key;
  }
}

TEST_F(StageSections, EverySectionOfTheTableExists) {
  const std::vector<std::string> keys = all_keys();
  for (const Stage stage : kStages) {
    EXPECT_FALSE(sections_of(stage).empty());
    for (const std::string_view section : sections_of(stage)) {
      EXPECT_TRUE(std::ranges::any_of(keys, [&](const std::string& key) {
        return in_sections(key, std::span(&section, 1));
      })) << section;
    }
  }
}

TEST_F(StageSections, APrefixOfANameIsNoSection) {
  const std::string_view sections[] = {"train", "init.folder"};
  EXPECT_TRUE(in_sections("train.ema", sections));
  EXPECT_TRUE(in_sections("train", sections));
  EXPECT_TRUE(in_sections("init.folder", sections));
  EXPECT_FALSE(in_sections("trainer.ema", sections));
  EXPECT_FALSE(in_sections("init.keep_layers", sections));
  EXPECT_FALSE(in_sections("init", sections));
}

TEST_F(StageSections, AGateLeavesTrainingAlone) {
  const Recipe before = recipe(), after = recipe({"gates.min_quality=0.9", "export.onnx=false"});
  EXPECT_EQ(stage_settings(Stage::kIngest, before), stage_settings(Stage::kIngest, after));
  EXPECT_EQ(stage_settings(Stage::kTrain, before), stage_settings(Stage::kTrain, after));
  EXPECT_EQ(run_settings(before), run_settings(after));
  EXPECT_NE(stage_settings(Stage::kExport, before), stage_settings(Stage::kExport, after));
  EXPECT_NE(stage_settings(Stage::kVerify, before), stage_settings(Stage::kVerify, after));
}

TEST_F(StageSections, HowLongAGroupWaitsChangesNoResult) {
  EXPECT_EQ(stage_settings(Stage::kTrain, recipe()), stage_settings(Stage::kTrain, recipe({"train.group_minutes=9"})));
  EXPECT_THAT(to_yaml(recipe({"train.group_minutes=9"})), testing::HasSubstr("group_minutes: 9"));
}

TEST_F(StageSections, WhatTrainingReadsCounts) {
  const Recipe before = recipe();
  for (const char* change : {"seed=2", "phases.0.epochs=4", "train.ema=0.5", "student.layers=3",
                             "tokenizer.max_tokens=32", "student.dropout=0.2"}) {
    EXPECT_NE(stage_settings(Stage::kTrain, before), stage_settings(Stage::kTrain, recipe({change}))) << change;
    EXPECT_NE(run_settings(before), run_settings(recipe({change}))) << change;
  }
  const Recipe other_data = recipe({"data.top_k=3"});
  EXPECT_EQ(stage_settings(Stage::kTrain, before), stage_settings(Stage::kTrain, other_data)) << "it reads shards";
  EXPECT_NE(run_settings(before), run_settings(other_data));
}

// Another number of threads or a moved folder is the same run, and nothing is made again.
TEST_F(StageSections, WhatChangesNoResultDoesNotCount) {
  for (const char* given :
       {"tokenizer.vocabulary_file", "init.folder", "init.from", "live_teacher.folder", "data.labels_file"}) {
    Recipe here = recipe(), there = recipe(), absent = recipe();
    const auto set = [&](Recipe& in, const std::string& path) {
      (std::string(given) == "tokenizer.vocabulary_file" ? in.tokenizer.vocabulary_file
       : std::string(given) == "init.folder"             ? in.init.folder
       : std::string(given) == "init.from"               ? in.init.from
       : std::string(given) == "live_teacher.folder"     ? in.online_teacher.folder
                                                         : in.data.labels_file) = path;
    };
    set(here, "/a/x");
    set(there, "/b/y");
    EXPECT_EQ(run_settings(here), run_settings(there)) << given;
    EXPECT_NE(run_settings(here), run_settings(absent)) << given << ": whether it is given counts";
  }
  const Recipe before = recipe();
  for (const char* change : {"name=other", "train.threads=3", "train.device=cpu", "train.checkpoint_minutes=9",
                             "data.root=/elsewhere", "data.train=[{adapter: jsonl, path: /moved/train.jsonl}]"}) {
    EXPECT_EQ(run_settings(before), run_settings(recipe({change}))) << change;
    for (const Stage stage : {Stage::kIngest, Stage::kTrain}) {
      EXPECT_EQ(stage_settings(stage, before), stage_settings(stage, recipe({change}))) << change;
    }
  }
  EXPECT_NE(run_settings(before),
            run_settings(recipe({"data.train=[{adapter: tsv, path: train.jsonl, columns: [text, label]}]"})));
}

// Fingerprints in checkpoints are hashes of this text: another section may not change it.
TEST_F(StageSections, TheTextIsThatOfARecipeWithNothingElse) {
  const Recipe whole = recipe({"gates.min_quality=0.9", "data.top_k=3", "train.ema=0.5", "seed=4"});
  Recipe part;
  part.seed = whole.seed;
  part.task = whole.task;
  part.tokenizer = whole.tokenizer;
  part.init = whole.init;
  part.online_teacher = whole.online_teacher;
  part.student = whole.student;
  part.train = whole.train;
  part.phases = whole.phases;
  std::string expected = to_yaml(part);
  for (const std::string line : {"  group_minutes: 5\n", "  tensorboard: false\n"}) {  // change no result
    ASSERT_NE(expected.find(line), std::string::npos);
    expected.erase(expected.find(line), line.size());
  }
  EXPECT_EQ(stage_settings(Stage::kTrain, whole), expected);
}

}  // namespace
}  // namespace noggin::train
