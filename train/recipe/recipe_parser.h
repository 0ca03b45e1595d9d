// The parser behind read_recipe, with extra results that only --explain and tests need.
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
};

ParsedRecipe parse_recipe(const std::string& path, const std::vector<std::string>& overrides,
                          const std::vector<RemovedKey>& removed);

// Checks the rules between keys. Appends to parsed.parse.problems and warnings.
void check_recipe(ParsedRecipe& parsed);

}  // namespace noggin::train
