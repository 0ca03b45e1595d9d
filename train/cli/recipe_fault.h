// Why a recipe cannot run: faults of the recipe itself, of the files that it names and of the folder for its run, in
// one list.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/recipe.h"
#include "train/run/failure.h"

namespace noggin::tool {

struct RecipeFault {
  RecipeFault(train::ExitCode why, std::string text, std::string place = {})
      : code(why), message(std::move(text)), where(std::move(place)) {}
  explicit RecipeFault(const Error& error) : RecipeFault(exit_code_of(error.code), error.message) {}

  train::ExitCode code;
  std::string message;  // what, why and what to do
  std::string where;    // as RecipeProblem has it; empty: of no line of the recipe
};

// Throws one Failure that lists all faults by line of the recipe, then those of the command line, then the others;
// equal ones once. Its code is kUsage if the recipe itself has a fault, else that of the first. Nothing without faults.
void throw_if_any(const std::string& recipe_path, std::vector<RecipeFault> faults);

}  // namespace noggin::tool
