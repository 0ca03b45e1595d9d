// How `noggin init --from` proposes to train: lengths, rates and weights by what the rows have and where the weights
// start. Rules of thumb, which experiments/first_try puts to the test; each line of the recipe can be changed.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::tool {

struct TrainingFacts {
  bool has_teacher = false, has_gold = false;  // of training rows
  bool pretrained = false;                     // the weights start from an encoder's
  bool fitted = false;                         // the shape will be fitted to a budget, by pruning if need be
};

// Sets the phases, and what they share of `train`, of a recipe. Returns the reasons, a line each.
std::vector<std::string> plan_training(const TrainingFacts& facts, train::Recipe& recipe);

}  // namespace noggin::tool
