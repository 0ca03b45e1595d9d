// What a start decides of a recipe, and which recipes it refuses.
#include "train/start/adopt_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cli_recipes.h"
#include "tests/support/train_start.h"

namespace noggin::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AdoptStart : public testing::Test {
 protected:
  Recipe recipe(const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {"init.from=" + path_, "tokenizer.max_tokens=8"};
    all.insert(all.end(), more.begin(), more.end());
    const RecipeParse parse = read_recipe(folder_.write("recipe.yaml", test::valid_recipe()), all);
    EXPECT_THAT(test::lines(parse.problems), IsEmpty());
    return parse.recipe;
  }
  std::string refusal(const std::vector<std::string>& more) {
    Recipe wanted = recipe(more);
    const Adoption adoption = adopt_start(wanted, {});
    if (adoption) return "accepted";
    EXPECT_EQ(adoption.problems.size(), 1U);
    EXPECT_EQ(adoption.problems[0].error.code, ErrorCode::kInvalidArgument);
    return adoption.problems[0].key + ": " + adoption.problems[0].error.message;
  }

  test::TemporaryFolder folder_;
  std::string path_ = test::written(folder_, test::trained_bundle(true));
};

TEST_F(AdoptStart, NothingWithoutAStart) {
  Recipe plain = recipe();
  plain.init.from.clear();
  const std::string before = to_yaml(plain);
  const Adoption adoption = adopt_start(plain, {});
  EXPECT_TRUE(adoption);
  EXPECT_THAT(adoption.start, IsEmpty());
  EXPECT_EQ(to_yaml(plain), before);
}

TEST_F(AdoptStart, TheShapeIsThatOfTheStart) {
  Recipe adopted = recipe();
  const Adoption adoption = adopt_start(adopted, {"two", "zero", "four"});
  ASSERT_TRUE(adoption);
  EXPECT_EQ(adopted.student.layers, 2U);
  EXPECT_EQ(adopted.student.width, 16U);
  EXPECT_EQ(adopted.student.heads, 2U) << "before pruning";
  EXPECT_EQ(adopted.student.ffn_width, 27U) << "of the widest layer";
  EXPECT_THAT(adopted.init.from_layers, ElementsAre(spec::LayerConfig{1, 20}, spec::LayerConfig{2, 27}));
  EXPECT_EQ(adopted.init.from_pieces, 60U);
  EXPECT_THAT(adoption.start,
              ElementsAre(path_ + " (distil)", "2 layers of width 16, heads+neurons 1+20 2+27, 60 pieces",
                          "classifier: 2 of 3 classes as they are, 1 new at random (four), 1 dropped (one)"));
  const std::string resolved = folder_.write("resolved.yaml", to_yaml(adopted));
  RecipeParse again = read_recipe(resolved, {});
  ASSERT_THAT(test::lines(again.problems), IsEmpty());
  ASSERT_TRUE(adopt_start(again.recipe, {}));
  EXPECT_EQ(to_yaml(again.recipe), to_yaml(adopted));
}

TEST_F(AdoptStart, WordsMayBecomeNarrower) {
  Recipe adopted = recipe({"student.embedding_width=4"});
  const Adoption adoption = adopt_start(adopted, {});
  ASSERT_TRUE(adoption);
  EXPECT_EQ(adopted.student.embedding_width, 4U);
  EXPECT_THAT(adoption.start, testing::Contains("word rows of 16 numbers become 4 wide (student.embedding_width)"));
  Recipe same = recipe({"student.embedding_width=16"});
  ASSERT_TRUE(adopt_start(same, {}));
  EXPECT_EQ(same.student.embedding_width, 0U) << "what the start has";
}

TEST_F(AdoptStart, AnotherShapeIsRefusedWithBothValues) {
  const std::pair<const char*, const char*> cases[] = {
      {"student.layers=3", "student.layers is 3, but %s says 2"},
      {"student.width=32", "student.width is 32, but %s says 16"},
      {"student.heads=8", "student.heads is 8, but %s says 2"},
      {"student.ffn_width=64", "student.ffn_width is 64, but %s says 27"},
      {"student.embedding_width=20", "student.embedding_width is 20, but %s says 0"},
      {"student.pooling=first_token", "student.pooling is first_token, but %s says mean"},
      {"tokenizer.lowercase=false", "tokenizer.lowercase is false, but %s says true"}};
  for (const auto& [key, text] : cases) {
    std::string expected = text;
    expected.replace(expected.find("%s"), 2, path_);
    EXPECT_THAT(refusal({key}), HasSubstr(expected + ". Fix: remove the key; the start sets it"));
  }
}

TEST_F(AdoptStart, WhatTheStartCannotDoIsRefused) {
  EXPECT_EQ(refusal({"tokenizer.max_tokens=9"}), "tokenizer.max_tokens: tokenizer.max_tokens is 9, but " + path_ +
                                                     " has 8 positions. Fix: set it to at most 8");
  const std::string pieces = folder_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nelsewhere\n");
  EXPECT_THAT(
      refusal({"tokenizer.vocabulary_file=" + pieces}),
      HasSubstr("has 1 pieces without a row in " + path_ + ", the first is \"elsewhere\". Fix: remove the key"));
  EXPECT_THAT(refusal({"quantize={weight_bits: 4, group: 32}"}),
              HasSubstr("has a layer of 16 inputs, which are not whole groups. Fix: set quantize.weight_bits: 8"));
}

TEST_F(AdoptStart, ShorterTextsAreAWarning) {
  Recipe shorter = recipe({"tokenizer.max_tokens=6"});
  const Adoption adoption = adopt_start(shorter, {});
  ASSERT_TRUE(adoption);
  EXPECT_THAT(adoption.notes, ElementsAre(HasSubstr(path_ + " reads 8 tokens, and tokenizer.max_tokens is 6")));
  Recipe same = recipe();
  EXPECT_THAT(adopt_start(same, {}).notes, IsEmpty());
}

TEST_F(AdoptStart, AStaticStartHasTheRulesOfAStaticStudent) {
  StudentBundle bundle = test::trained_bundle(false);
  spec::ModelConfig config = bundle.student.config;
  config.encoder.layers.clear();
  config.encoder.layer_norm_epsilon = kStaticEpsilon;
  bundle.student = make_student(config, 0.1, 1);
  test::written(folder_, bundle);
  Recipe adopted = recipe();
  const Adoption adoption = adopt_start(adopted, {});
  ASSERT_TRUE(adoption);
  EXPECT_EQ(adopted.student.layers, 0U);
  EXPECT_EQ(adopted.student.width, 16U);
  EXPECT_EQ(adoption.start[1], "a static student of width 16, 60 pieces");
  EXPECT_THAT(refusal({"phases=[{kind: prune, epochs: 1, ffn_share: 0.5}, {kind: qat}]"}),
              HasSubstr("student.layers is 0, but a prune phase removes heads and neurons"));
}

TEST_F(AdoptStart, AStartThatCannotBeReadIsTheProblem) {
  Recipe wanted = recipe();
  wanted.init.from = folder_.file("none");
  const Adoption adoption = adopt_start(wanted, {});
  ASSERT_EQ(adoption.problems.size(), 1U);
  EXPECT_EQ(adoption.problems[0].key, "init.from");
  EXPECT_THAT(adoption.problems[0].error.message, HasSubstr("init.from: " + folder_.file("none") + " does not exist"));
}

}  // namespace
}  // namespace noggin::train
