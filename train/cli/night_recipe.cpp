#include "train/cli/night_recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "train/cli/recipe_arguments.h"
#include "train/cli/text_file.h"

namespace noggin::tool {
namespace {

train::Recipe starting_from(train::Recipe recipe, const std::string& start) {
  recipe.init = {};
  recipe.init.from = start;
  const double dropout = recipe.student.dropout;
  recipe.student = {};
  recipe.student.dropout = dropout;
  recipe.tokenizer.vocabulary_file.clear();
  std::erase_if(recipe.phases, [](const train::Phase& phase) { return phase.kind == train::PhaseKind::kPrune; });
  return recipe;
}

// Why the recipe at `path` cannot be trained; "": it can.
std::string obstacle(const std::string& path) {
  train::RecipeParse parse = train::read_recipe(path, {});
  if (!parse.problems.empty()) return parse.problems.front().message;
  const train::Adoption adoption = adopt(parse.recipe);
  return adoption.problems.empty() ? std::string() : adoption.problems.front().error.message;
}

}  // namespace

NightRecipe write_night_recipe(const train::Recipe& given, const std::string& shipped, const std::string& start,
                               const std::string& path) {
  NightRecipe night{path, {}};
  train::Recipe recipe = given;
  if (!shipped.empty()) recipe.shipped.model = shipped;
  if (recipe.shipped.model.empty()) {
    for (train::Phase& phase : recipe.phases) phase.keep_weight = 0.0;  // the first night has no answers to keep
  }
  if (!start.empty()) {
    const train::Recipe going_on = starting_from(recipe, start);
    write_text(path, train::to_yaml(going_on));
    const std::string why_not = obstacle(path);
    if (why_not.empty()) {
      night.notes.push_back(fmt::format("goes on from {}", start));
      if (going_on.phases.size() < recipe.phases.size())
        night.notes.emplace_back("without its prune phase: the shipped student is pruned already");
      return night;
    }
    night.notes.push_back(fmt::format("begins anew, not from {}: {}", start, why_not));
  }
  write_text(path, train::to_yaml(recipe));
  return night;
}

}  // namespace noggin::tool
