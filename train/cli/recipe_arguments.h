// Recipes on the command line: reads them, shows all problems, finds the run folder.
#pragma once

#include <string>
#include <vector>

#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/cli/recipe_fault.h"
#include "train/recipe/adoption.h"
#include "train/recipe/recipe_parser.h"

namespace noggin::tool {

// A recipe with its own faults: with any, only a part of it may be what was meant.
struct NamedRecipe {
  train::ParsedRecipe parsed;
  std::vector<RecipeFault> faults;
  std::vector<std::string> start;  // where the weights come from, with init.from: train::Adoption::start

  const train::Recipe& recipe() const { return parsed.parse.recipe; }
  // Where a key was given; the recipe's path if it has its default.
  std::string where(const std::string& key) const;
};

// What the starts of a recipe decide: adopt_pretrained, then adopt_start.
train::Adoption adopt(train::Recipe& recipe);

// The recipe that the arguments name, with their overrides and with what its starts decide. Warnings go to
// the console. find_problems (recipe_check.h) adds the faults of what it names.
NamedRecipe named_recipe(const Arguments& arguments, Console& console);

// The same of a recipe with a path of its own.
NamedRecipe recipe_at(const std::string& path, const std::vector<std::string>& overrides, Console& console);

// The same where nothing is read that the recipe names: its own faults are thrown.
train::Recipe recipe_of(const Arguments& arguments, Console& console);

// Throws Failure (kUsage) for a path that is not UTF-8 from the root on: results and messages, which are, name it.
void check_utf8_path(const std::string& path);

// --out, else runs/<name of the recipe>. Throws as check_utf8_path does, also for the recipe's own path.
std::string run_folder_of(const Arguments& arguments, const train::Recipe& recipe);

// The command that does `verb` with the same recipe, keys and run directory, as it can be pasted into a shell. more:
// keys of its own.
std::string recipe_command(const std::string& verb, const Arguments& arguments, const std::string& run_folder,
                           const std::vector<std::string>& more = {});

// --out and --force.
boost::program_options::options_description run_folder_options();
// The same and --reuse.
boost::program_options::options_description training_options();

}  // namespace noggin::tool
