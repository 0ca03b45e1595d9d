// What a good recipe is read as: values, overrides, paths; and that writing and reading agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/cli_recipes.h"
#include "tests/support/cli_temporary_folder.h"
#include "train/recipe/nearest_name.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

using test::lines;
using test::valid_recipe;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RecipeValues : public testing::Test {
 protected:
  Recipe read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    RecipeParse parse = read_recipe(folder_.write("recipe.yaml", text), overrides);
    EXPECT_THAT(lines(parse.problems), IsEmpty());
    return std::move(parse.recipe);
  }
  test::TemporaryFolder folder_;
};

TEST_F(RecipeValues, EveryTypeIsRead) {
  const Recipe recipe = read(valid_recipe() +
                             "seed: 12\nstudent: {pooling: first_token, width: 64}\ntrain: {device: cuda, ema: 1e-2}\n"
                             "export: {onnx: false}\ngates: {required_targets: [reference, avx2]}\n");
  EXPECT_EQ(recipe.name, "tiny");
  EXPECT_EQ(recipe.seed, 12U);
  EXPECT_EQ(recipe.student.pooling, "first_token");
  EXPECT_EQ(recipe.student.width, 64U);
  EXPECT_EQ(recipe.train.device, Device::kCuda);
  EXPECT_EQ(recipe.train.ema, 0.01);
  EXPECT_FALSE(recipe.exports.onnx);
  EXPECT_THAT(recipe.gates.required_targets, ElementsAre("reference", "avx2"));
  ASSERT_EQ(recipe.phases.size(), 2U);
  EXPECT_EQ(recipe.phases[0].epochs, 3.0);
  EXPECT_EQ(recipe.phases[1].kind, PhaseKind::kQat);
}

TEST_F(RecipeValues, WordsThatLookLikeYamlStayClassNames) {
  const Recipe recipe = read(valid_recipe(), {"data.labels=[yes, no, other, \"null\", 3]"});
  EXPECT_THAT(recipe.data.labels, ElementsAre("yes", "no", "other", "null", "3"));
}

TEST_F(RecipeValues, OverridesReachListItemsAndMaps) {
  const Recipe recipe = read(valid_recipe(), {"phases.0.epochs=7", "train.batch_rows=8",
                                              "data.label_words.refund=[A, B]", "data.none_label="});
  EXPECT_EQ(recipe.phases[0].epochs, 7.0);
  EXPECT_EQ(recipe.train.batch_rows, 8U);
  EXPECT_THAT(recipe.data.label_words.at("refund"), ElementsAre("A", "B"));
  EXPECT_EQ(recipe.data.none_label, "");
}

TEST_F(RecipeValues, AByteOrderMarkIsNoPartOfTheFirstKey) {
  EXPECT_EQ(read("\xEF\xBB\xBF" + valid_recipe()).name, "tiny");
}

TEST_F(RecipeValues, ASourceNamesTheUnitOfItsOffsets) {
  const std::vector<std::string> tags = {"task=tag", "data.labels=[O, B-PER]", "data.none_label="};
  std::vector<std::string> utf16 = tags;
  utf16.push_back("data.dev=[{path: dev.jsonl, unit: utf16}]");
  const Recipe recipe = read(valid_recipe(), utf16);
  EXPECT_EQ(recipe.data.train[0].unit, TextUnit::kCodePoint);
  EXPECT_EQ(recipe.data.dev[0].unit, TextUnit::kUtf16);
  EXPECT_EQ(read(to_yaml(recipe)).data.dev[0].unit, TextUnit::kUtf16) << "written and read again";
  EXPECT_EQ(read(valid_recipe()).data.ingest.span_budget, 0.01);
}

TEST_F(RecipeValues, PathsCountFromTheRecipeOrTheWorkingDirectory) {
  const Recipe recipe = read(valid_recipe(), {"data.dev=[{path: held/dev.jsonl}]"});
  EXPECT_EQ(recipe.data.train[0].path, folder_.file("train.jsonl"));
  EXPECT_EQ(recipe.data.dev[0].path, (std::filesystem::current_path() / "held/dev.jsonl").string());
}

TEST_F(RecipeValues, RootOfTheRecipeAndOfTheCommandLine) {
  std::string text = valid_recipe() + "tokenizer: {vocabulary_file: \"${root}/vocab.txt\"}\n";
  text.insert(text.find("  labels"), "  root: sets/../shelf/\n");
  EXPECT_EQ(read(text).tokenizer.vocabulary_file, folder_.file("shelf/vocab.txt"));
  const std::string parent = std::filesystem::current_path().parent_path().string();
  EXPECT_EQ(read(text, {"data.root=../shelf"}).tokenizer.vocabulary_file, parent + "/shelf/vocab.txt");
}

TEST_F(RecipeValues, ResolvedCopyReadsBackAsTheSameRecipe) {
  const Recipe recipe =
      read(valid_recipe() + "train: {ema: 0.999}\n",
           {"data.label_words={refund: [A, \"a \\\"b\\\"\"]}", "name=\"two: words #1\"", "phases.1.epochs=0.25",
            "data.train=[{adapter: openai_batch, path: o.jsonl, requests: r.jsonl}]"});
  const std::string yaml = to_yaml(recipe);
  test::TemporaryFolder elsewhere;
  const RecipeParse again = read_recipe(elsewhere.write("recipe.resolved.yaml", yaml), {});
  EXPECT_THAT(lines(again.problems), IsEmpty());
  EXPECT_EQ(to_yaml(again.recipe), yaml);
  EXPECT_EQ(again.recipe.name, "two: words #1");
  EXPECT_THAT(again.recipe.data.label_words.at("refund"), ElementsAre("A", "a \"b\""));
  EXPECT_EQ(again.recipe.data.train[0].requests_path, recipe.data.train[0].requests_path);
}

TEST_F(RecipeValues, ResolvedCopyHoldsEveryKey) {
  const std::string yaml = to_yaml(read(valid_recipe()));
  for (const Field<Recipe>& field : recipe_fields()) {
    EXPECT_THAT(yaml, HasSubstr(field.key.substr(field.key.rfind('.') + 1) + ":")) << field.key;
  }
}

TEST_F(RecipeValues, ExplainTellsWhereEachValueComesFrom) {
  const std::string path = folder_.write("recipe.yaml", valid_recipe());
  const std::string text = explain(path, {"train.ema=0.5"}, {});
  EXPECT_THAT(text, HasSubstr("name = tiny   (from " + path + ":1)   what the model is called"));
  EXPECT_THAT(text, HasSubstr("train.ema = 0.5   (command line)"));
  EXPECT_THAT(text, HasSubstr("train.batch_rows = 64   (default)"));
  EXPECT_THAT(text, HasSubstr("phases.1.epochs = 1   (from " + path + ":11)"));
  EXPECT_THAT(text, HasSubstr("data.train = - {adapter: jsonl, path: " + folder_.file("train.jsonl")));
}

TEST_F(RecipeValues, TheTemplateIsAValidRecipeOfChoicesOnly) {
  const std::string text = commented_template();
  read(text);
  EXPECT_LT(std::ranges::count(text, '\n'), 50) << text;
  for (const char* key : {"labels", "train", "dev", "test"}) {
    EXPECT_THAT(text, HasSubstr("\n  " + std::string(key) + ":")) << text;
  }
  EXPECT_THAT(text, ::testing::Not(HasSubstr("labels_file: \"\"")));  // setting it beside labels is an error
  EXPECT_THAT(text, ::testing::Not(HasSubstr("batch_rows: ")));
  EXPECT_EQ(read(commented_yaml(read(text))).phases.size(), 3U);
}

TEST_F(RecipeValues, ACommentedRecipeReadsBackAsItself) {
  Recipe recipe = read(commented_template());
  recipe.seed = 7;
  recipe.train.ema = 0.5;
  recipe.data.labels.clear();
  recipe.data.labels_file = folder_.write("labels.txt", "a\nb\n");
  recipe.phases[1].learning_rate = 3e-4;
  const std::string text = commented_yaml(recipe);
  EXPECT_EQ(to_yaml(read(text)), to_yaml(recipe)) << text;
  EXPECT_THAT(text, ::testing::Not(HasSubstr("  labels:")));
}

TEST_F(RecipeValues, ExplainTellsWhatEveryKeyMeans) {
  const std::string text = explain(folder_.write("recipe.yaml", commented_template()), {}, {});
  for (const Field<Recipe>& field : recipe_fields()) EXPECT_THAT(text, HasSubstr(field.meaning)) << field.key;
  for (const Field<Phase>& field : phase_fields()) EXPECT_THAT(text, HasSubstr(field.meaning)) << field.key;
}

TEST_F(RecipeValues, DefaultsLieInsideTheirRanges) {
  Recipe recipe = read(valid_recipe());
  for (const Field<Recipe>& field : recipe_fields()) {
    if (const auto* get = std::get_if<double& (*)(Recipe&)>(&field.access)) {
      EXPECT_GE((*get)(recipe), field.range.low) << field.key;
      EXPECT_LE((*get)(recipe), field.range.high) << field.key;
    }
  }
}

TEST(NearestName, CountsSwapsAsOneAndIgnoresCase) {
  EXPECT_EQ(edit_distance("studnet", "student"), 1U);
  EXPECT_EQ(edit_distance("EMA", "ema"), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(nearest_name("batchrows", {"ema", "batch_rows"}), "batch_rows");
  EXPECT_EQ(nearest_name("x", {}), "");
}

}  // namespace
}  // namespace noggin::train
