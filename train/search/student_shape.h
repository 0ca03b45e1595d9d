// The shapes that a student can be cut to: fewer bits, fewer layers, fewer heads and neurons. What `noggin init` fits
// to a budget and what `noggin compress` tries.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::train {

// From the largest file to the smallest. Four bits cost less than a removed layer or half of the neurons
// (experiments/first_try).
std::span<const QuantizeRecipe> weight_forms();
std::string name_of(const QuantizeRecipe& form);  // "int8", "int4-words", "int4"
// Whether the widths of a student are whole groups of a form.
bool allows(const StudentRecipe& student, const QuantizeRecipe& form);

// What a prune phase removes, in twentieths of all.
struct Cut {
  int neurons = 0, heads = 0;
  bool any() const { return neurons + heads > 0; }
};
inline constexpr double kTwentieths = 20.0;

// One order of removal, a step a twentieth: neurons up to one half, heads up to one half, neurons up to 0.9.
inline constexpr int kCutsToHalf = 20, kMostCuts = 28;
Cut cut_at(int step);

// One layer that lost half answers worse than two that lost most (experiments/first_try): before it is alone, layers
// are cut beyond half.
inline constexpr std::uint32_t kFewestLayers = 2;

// The least step of 0..most with which something fits; `most` does.
int least_cut(int most, const std::function<bool(int)>& fits);

// How many layers to try of so many: all, two thirds, half, a third, and one.
std::vector<std::uint32_t> layer_counts(std::uint32_t layers);

// Width of word rows below that of a student, the widest first that fits: from two thirds of `width`, for a tagger one
// third, in steps of 32 down to 64, which is taken whether it fits or not. 0: `width` is not above 64.
std::uint32_t narrow_words(std::uint32_t width, bool per_token, const std::function<bool(std::uint32_t)>& fits);

struct StudentShape {
  QuantizeRecipe form;
  std::uint32_t layers = 0;
  int cut = 0;              // a step of cut_at()
  std::uint32_t words = 0;  // width of word rows; 0: the recipe's
};
std::string layers_text(std::uint32_t layers);  // "4-layers"
// "int4-words-4-layers-ffn50-heads10-rows96": also the name of a folder.
std::string name_of(const StudentShape& shape);

// Sets what the prune phases of a recipe remove, and to which width the first one cuts word rows (0: they stay);
// without anything to remove they go.
void set_pruning(const Cut& cut, Recipe& recipe, std::uint32_t word_width = 0);

// The recipe with so many of its layers, evenly. Its start has been adopted (adopt_pretrained.h).
Recipe with_layers(Recipe recipe, std::uint32_t layers);

}  // namespace noggin::train
