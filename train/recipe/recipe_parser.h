// The parser behind read_recipe, with what only --explain, `check` and tests need: where each value was given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/recipe/recipe.h"
#include "train/recipe/recipe_fields.h"
#include "train/recipe/yaml_tree.h"

namespace noggin::train {

struct ParsedRecipe {
  RecipeParse parse;
  std::map<std::string, Origin>
      origins;  // dotted key -> where its value was given; keys left at their default are absent
  // The same of each path that could be resolved: "data.train.0.path", "data.labels_file", ...
  std::map<std::string, Origin> paths;
};

ParsedRecipe parse_recipe(const std::string& path, const std::vector<std::string>& overrides,
                          const std::vector<RemovedKey>& removed);

// Checks the rules between keys. Appends to parsed.parse.problems and warnings.
void check_recipe(ParsedRecipe& parsed);

}  // namespace noggin::train
