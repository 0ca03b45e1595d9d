// Checks what can be checked of a recipe without training: files, label clashes, disk space, the output folder.
// `check` reports it; every verb that starts work runs it first.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"
#include "train/run/failure.h"

namespace noggin::tool {

struct RecipeFindings {
  std::vector<train::Failure> problems;  // empty: the recipe can run
  std::vector<std::string> files;        // that the recipe reads
  std::size_t classes = 0;
};
RecipeFindings find_problems(const train::Recipe& recipe, const std::string& run_folder, bool force);

// Throws one Failure that lists all problems, with the code of the first.
void throw_if_any(const train::Recipe& recipe, const RecipeFindings& findings);

}  // namespace noggin::tool
