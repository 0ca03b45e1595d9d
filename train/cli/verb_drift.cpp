// Counters that devices have sent home against the reference in the model's file.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "export/drift/drift.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/verbs.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {
namespace {

// Those of the recipe, with key=value words; without one, the defaults.
train::DriftRecipe limits_of(const Arguments& arguments) {
  const auto path = arguments.text("recipe");
  if (!path) {
    arguments.refuse_overrides();
    return {};
  }
  train::RecipeParse parse = train::read_recipe(*path, arguments.overrides());
  std::vector<RecipeFault> faults;
  for (const train::RecipeProblem& problem : parse.problems)
    faults.emplace_back(train::ExitCode::kUsage, problem.message, problem.where);
  throw_if_any(*path, std::move(faults));
  return parse.recipe.drift;
}

}  // namespace

Options drift_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("recipe", po::value<std::string>()->value_name("FILE"),
                        "whose section `drift` has the limits (default: those of an empty one)");
  return options;
}

train::ExitCode drift(const Arguments& arguments, Console& console) {
  if (arguments.files().size() < 2) {
    throw train::Failure(train::ExitCode::kUsage,
                         "drift takes a model and counters of devices. Fix: noggin drift MODEL.nog COUNTERS...");
  }
  const train::DriftRecipe limits = limits_of(arguments);
  const std::string& nog = arguments.files()[0];
  const std::vector<std::string> counters(arguments.files().begin() + 1, arguments.files().end());
  const exporter::DriftReport report = train::value_or_throw(
      exporter::drift_of(nog, counters, {limits.max_psi, limits.max_p_value, limits.min_requests}));
  Summary summary;
  summary.inputs = arguments.files();
  summary.figures = {{"drift", exporter::verdict_name(report.verdict)}};
  console.finish(summary, exporter::to_table(report), Json::parse(exporter::to_json(report)));
  return report.verdict == exporter::DriftVerdict::kMoved ? train::ExitCode::kGate : train::ExitCode::kOk;
}

}  // namespace noggin::tool
