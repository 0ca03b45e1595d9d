// Checks everything that can be checked without training, and tells what the model will cost.
#include <optional>
#include <utility>

#include "bytes/foreign_text.h"
#include "train/cli/budget.h"
#include "train/cli/known_texts.h"
#include "train/cli/model_plan.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/row_listing.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

// The file that the recipe will give, and whether it meets the budget.
ModelPlan planned(const Arguments& arguments, Console& console, const NamedRecipe& named, RecipeFindings& findings) {
  const train::Recipe& recipe = named.recipe();
  const data::LabelSet labels = train::value_or_throw(labels_of(recipe));
  const auto data = current_ingest(recipe, run_folder_of(arguments, recipe), console);
  const KnownTexts known = data ? texts_of(recipe, *data, true) : look_at_texts(recipe, labels);
  ModelPlan plan = plan_model(recipe, labels, known);
  if (!arguments.has("no-latency")) time_plan(recipe, known, plan);
  const BudgetFindings budget = judge_budget(recipe, labels, known, plan);
  for (const BudgetFindings::Problem& problem : budget.problems)
    findings.problems.emplace_back(train::ExitCode::kUsage, problem.message, named.where(problem.key));
  findings.warnings.insert(findings.warnings.end(), budget.warnings.begin(), budget.warnings.end());
  return plan;
}

}  // namespace

Options check_options() {
  Options options = run_folder_options();
  options.add_options()("explain", "show every key, its value, where it was set and what it means")(
      "no-latency", "do not measure how fast the planned model answers on this machine");
  return options;
}

train::ExitCode check(const Arguments& arguments, Console& console) {
  if (arguments.has("explain") && !console.json()) {
    const train::Adopt adopts = [](train::Recipe& recipe) { return static_cast<bool>(adopt(recipe)); };
    console.results() << printable(train::explain(arguments.only_file("recipe"), arguments.overrides(), adopts))
                      << '\n';
  }
  const NamedRecipe named = named_recipe(arguments, console);
  const train::Recipe& recipe = named.recipe();
  RecipeFindings findings = find_problems(named, run_folder_of(arguments, recipe), arguments.has("force"));
  if (findings.problems.empty()) look_at_rows(recipe, findings);
  std::optional<ModelPlan> plan;
  if (findings.problems.empty()) plan = planned(arguments, console, named, findings);
  for (const std::string& warning : findings.warnings) console.progress().warn(warning);
  throw_if_any(recipe.path, findings.problems);
  Summary summary;
  summary.inputs = findings.files;
  summary.inputs.insert(summary.inputs.begin(), recipe.path);
  summary.figures = {{"classes", std::to_string(findings.classes)}, {"phases", std::to_string(recipe.phases.size())}};
  for (const std::string& line : named.start)
    summary.figures.emplace_back(&line == &named.start.front() ? "start" : "", line);
  if (plan) {
    for (auto& figure : figures_of(*plan)) summary.figures.push_back(std::move(figure));
  }
  summary.next = recipe_command("run", arguments, run_folder_of(arguments, recipe));
  Json json{{"passed", true}, {"classes", findings.classes}, {"rows", json_of(findings.rows)}};
  if (!named.start.empty()) json["start"] = named.start;
  if (plan) json["model"] = to_json(*plan);
  console.finish(summary, printable(listing_of(findings.rows)), json);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
