// Checks what can be checked of a recipe without training: files, label clashes, disk space, the output folder.
// `check` reports it; every verb that starts work runs it first. The rows themselves are looked at by `check` alone:
// other verbs read all of them anyway.
#pragma once

#include <string>
#include <vector>

#include "data/ingest/ingest.h"
#include "data/ingest/shown_rows.h"
#include "data/rows/labels.h"
#include "train/cli/recipe_arguments.h"
#include "train/recipe/phase_targets.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct RecipeFindings {
  std::vector<RecipeFault> problems;  // empty: the recipe can run
  std::vector<std::string> warnings;
  std::vector<std::string> files;  // that the recipe reads
  std::size_t classes = 0;
  std::vector<data::ShownRow> rows{};  // the first of each source, as understood
};
// The recipe's own faults, those of the files that it names and of the folder for the run. Whether there is space, and
// whether the folder is another recipe's, is only asked of a recipe without faults of its own.
RecipeFindings find_problems(const NamedRecipe& named, const std::string& run_folder, bool force);

// Adds what the first rows of each split show: whether ingest will take them, whether the phases find something to
// learn from and, if that is all rows, what ingest will warn of (split_findings.h; spans are only known to a
// tokenizer). For a recipe without problems.
void look_at_rows(const train::Recipe& recipe, RecipeFindings& findings);

// What ingest reads, training first.
std::vector<data::SplitInput> splits_of(const train::Recipe& recipe);

// The classes that the recipe names, in place or in a file.
Result<data::LabelSet> labels_of(const train::Recipe& recipe);

void throw_if_any(const train::Recipe& recipe, const train::PhaseFindings& findings);

}  // namespace noggin::tool
