#include "train/search/student_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::train {
namespace {

using testing::ElementsAre;

TEST(StudentShape, NeuronsGoFirstThenHeadsThenMoreNeurons) {
  EXPECT_FALSE(cut_at(0).any());
  for (int step = 1; step <= kMostCuts; ++step) {
    const Cut before = cut_at(step - 1), cut = cut_at(step);
    EXPECT_EQ(cut.neurons + cut.heads, before.neurons + before.heads + 1) << "a step is a twentieth";
    EXPECT_GE(cut.neurons, before.neurons);
    EXPECT_GE(cut.heads, before.heads);
    EXPECT_TRUE(cut.heads == 0 || cut.neurons >= 10) << "heads went before half of the neurons";
  }
  EXPECT_EQ(cut_at(kCutsToHalf).neurons, 10);
  EXPECT_EQ(cut_at(kCutsToHalf).heads, 10);
  EXPECT_EQ(cut_at(kMostCuts).neurons, 18);
  EXPECT_EQ(cut_at(kMostCuts).heads, 10);
}

TEST(StudentShape, TheLeastCutThatFits) {
  for (int least = 0; least <= kMostCuts; ++least)
    EXPECT_EQ(least_cut(kMostCuts, [&](int step) { return step >= least; }), least);
}

TEST(StudentShape, AtMostFiveNumbersOfLayersTheMostFirst) {
  EXPECT_THAT(layer_counts(1), ElementsAre(1));
  EXPECT_THAT(layer_counts(2), ElementsAre(2, 1));
  EXPECT_THAT(layer_counts(4), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(layer_counts(6), ElementsAre(6, 4, 3, 2, 1));
  EXPECT_THAT(layer_counts(12), ElementsAre(12, 8, 6, 4, 1));
}

TEST(StudentShape, FewerLayersOfAFolderAreSomeOfThoseThatTheRecipeKeeps) {
  Recipe recipe;
  recipe.init.folder = "encoder";
  recipe.init.keep_layers = {0, 1, 3, 5};
  recipe.student.layers = 4;
  const Recipe two = with_layers(recipe, 2);
  EXPECT_THAT(two.init.keep_layers, ElementsAre(0, 5));
  EXPECT_EQ(two.student.layers, 2U);
  EXPECT_THAT(with_layers(recipe, 4).init.keep_layers, ElementsAre(0, 1, 3, 5));
}

TEST(StudentShape, AFormNeedsWidthsOfWholeGroups) {
  StudentRecipe student;
  student.width = 64;
  student.ffn_width = 100;
  for (const QuantizeRecipe& form : weight_forms()) EXPECT_EQ(allows(student, form), form.weight_bits == 8);
  student.ffn_width = 96;
  for (const QuantizeRecipe& form : weight_forms()) EXPECT_TRUE(allows(student, form)) << name_of(form);
}

TEST(StudentShape, NamesAreThoseOfFolders) {
  EXPECT_EQ(name_of(StudentShape{weight_forms()[0], 4, 0}), "int8-4-layers");
  EXPECT_EQ(name_of(StudentShape{weight_forms()[1], 1, 5}), "int4-words-1-layer-ffn25");
  EXPECT_EQ(name_of(StudentShape{weight_forms()[2], 2, kMostCuts}), "int4-2-layers-ffn90-heads50");
  EXPECT_EQ(name_of(StudentShape{weight_forms()[2], 1, 0, 96}), "int4-1-layer-rows96");
}

TEST(StudentShape, WordRowsAreTheWidestThatFit) {
  const auto up_to = [](std::uint32_t most) { return [most](std::uint32_t width) { return width <= most; }; };
  EXPECT_EQ(narrow_words(384, false, up_to(1000)), 256U);
  EXPECT_EQ(narrow_words(384, true, up_to(1000)), 128U) << "a tagger";
  EXPECT_EQ(narrow_words(384, false, up_to(255)), 224U);
  EXPECT_EQ(narrow_words(384, false, up_to(95)), 64U);
  EXPECT_EQ(narrow_words(384, false, up_to(1)), 64U) << "the least";
  EXPECT_EQ(narrow_words(96, false, up_to(1000)), 64U);
  EXPECT_EQ(narrow_words(64, false, up_to(1000)), 0U);
}

}  // namespace
}  // namespace noggin::train
