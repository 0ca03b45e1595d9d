#include "train/cli/compress/open_search.h"

#include <filesystem>

#include "bytes/content_hash.h"
#include "bytes/hex.h"
#include "train/cli/recipe_arguments.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/search/trial_recipe.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;

// What the trials' results depend on. The budget is no part of it: another one has the same trials.
std::string settings_of(train::Recipe recipe) {
  std::string text;
  for (const train::Stage stage : {train::Stage::kIngest, train::Stage::kTrain, train::Stage::kStatic,
                                   train::Stage::kBaseline, train::Stage::kExport})
    text += train::stage_settings(stage, recipe);
  return hex(content_hash(text.data(), text.size()));
}

// Faults that only a search has.
void check_recipe(const NamedRecipe& named, bool frontier) {
  const train::Recipe& recipe = named.recipe();
  std::vector<RecipeFault> faults = named.faults;
  const auto refuse = [&](const char* key, const char* message) {
    faults.emplace_back(train::ExitCode::kUsage, message, named.where(key));
  };
  const train::BudgetRecipe& budget = recipe.budget;
  if (!frontier && budget.size_mb <= 0.0 && budget.latency_us <= 0.0 && budget.drop <= 0.0)
    refuse("budget",
           "no budget says what to look for. Fix: budget.size_mb=1, budget.latency_us=50 or budget.drop=0.5 "
           "(points), or --frontier for the best of several sizes");
  if (!recipe.phases.empty() && train::float_phases(recipe) == 0)
    refuse("phases",
           "no distil phase comes before the first prune or qat phase, so there is no float student to "
           "compress. Fix: begin with - kind: distil");
  if (recipe.student.layers == 0)
    refuse("student.layers",
           "student.layers is 0: a student without layers has nothing to remove. Fix: take layers; "
           "the static student is a candidate anyway (static_student)");
  throw_if_any(recipe.path, std::move(faults));
}

// An ordinary run of the same recipe would be taken for the search's own folder.
void check_folder(const std::string& folder) {
  std::error_code error;
  const fs::path checkpoints = fs::path(folder) / "checkpoints";
  if (!fs::is_directory(checkpoints, error) || fs::is_empty(checkpoints, error)) return;
  throw train::Failure(train::ExitCode::kOutput,
                       folder +
                           " holds a training, and a search keeps its trainings in folders below its own. Fix: "
                           "choose another --out");
}

}  // namespace

OpenSearch open_search(const Arguments& arguments, Console& console, bool frontier) {
  const NamedRecipe named = named_recipe(arguments, console);
  check_recipe(named, frontier);
  check_folder(run_folder_of(arguments, named.recipe()));
  RunContext context = open_run(arguments, console, "compress");
  train::SearchState state(context.run.file("search.json"), settings_of(context.recipe));
  const std::string trials = context.run.file("trials.jsonl");
  if (state.is_of_another()) {
    if (!context.force)
      throw train::Failure(train::ExitCode::kOutput,
                           context.run.path() +
                               " holds a search with other settings. Fix: choose another --out, or "
                               "--force to begin anew there");
    std::error_code error;
    fs::remove(trials, error);
    state.begin_anew();
  }
  context.force = false;  // the trials' trainings go on, or are made anew, by their own fingerprints
  return {std::move(context), std::move(state), train::TrialLog(trials)};
}

}  // namespace noggin::tool
