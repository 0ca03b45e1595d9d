// Checks everything that can be checked without training.
#include "bytes/foreign_text.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/row_listing.h"
#include "train/cli/verbs.h"

namespace noggin::tool {

Options check_options() {
  Options options = run_folder_options();
  options.add_options()("explain", "show every key, its value, where it was set and what it means");
  return options;
}

train::ExitCode check(const Arguments& arguments, Console& console) {
  if (arguments.has("explain") && !console.json()) {
    console.results() << printable(train::explain(arguments.only_file("recipe"), arguments.overrides())) << '\n';
  }
  const NamedRecipe named = named_recipe(arguments, console);
  const train::Recipe& recipe = named.recipe();
  RecipeFindings findings = find_problems(named, run_folder_of(arguments, recipe), arguments.has("force"));
  if (findings.problems.empty()) look_at_rows(recipe, findings);
  for (const std::string& warning : findings.warnings) console.progress().warn(warning);
  throw_if_any(recipe.path, findings.problems);
  Summary summary;
  summary.inputs = findings.files;
  summary.inputs.insert(summary.inputs.begin(), recipe.path);
  summary.figures = {{"classes", std::to_string(findings.classes)}, {"phases", std::to_string(recipe.phases.size())}};
  summary.next = recipe_command("run", arguments, run_folder_of(arguments, recipe));
  console.finish(summary, printable(listing_of(findings.rows)),
                 {{"passed", true}, {"classes", findings.classes}, {"rows", json_of(findings.rows)}});
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
