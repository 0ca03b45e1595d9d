// Word rows become narrower from phase to phase, never wider.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "train/recipe/recipe.h"

namespace noggin::train {

// Of word rows before the first phase. Of a recipe with a start, after it has been adopted.
std::uint32_t word_width(const StudentRecipe& student);

struct WordWidthProblem {
  std::string key;      // "phases.1.word_width"
  std::string message;  // what, why and what to do
};

// The first phase whose word_width is not below the width before it.
std::optional<WordWidthProblem> word_width_problem(const Recipe& recipe);

}  // namespace noggin::train
