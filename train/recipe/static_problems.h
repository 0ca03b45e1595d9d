// What a student without layers cannot have: for recipes that say so, and for those whose start is such a student.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::train {

struct StaticProblem {
  std::string key;      // that is at fault
  std::string message;  // what, why and what to do
};

// Empty for a recipe with layers.
std::vector<StaticProblem> static_problems(const Recipe& recipe);

}  // namespace noggin::train
