#include <fmt/format.h>

#include <filesystem>

#include "bytes/atomic_file.h"
#include "train/cli/environment.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/stages.h"

namespace noggin::tool {

namespace fs = std::filesystem;

RunContext open_run(const Arguments& arguments, Console& console) {
  train::Recipe recipe = recipe_of(arguments, console);
  const bool force = arguments.has("force");
  const std::string folder = run_folder_of(arguments, recipe);
  throw_if_any(recipe, find_problems(recipe, folder, force));
  train::RunDirectory run = train::RunDirectory::open(folder, recipe, force);
  console.progress().log_to(run.log());
  const std::string environment = describe_environment(run.path()).dump(2) + "\n";
  train::throw_unless_written(write_file_atomically(run.environment(), environment.data(), environment.size()));
  console.progress().note(fmt::format("run directory {}", run.path()));
  train::StageCache cache(run.stages(), run.path());
  return {std::move(recipe), std::move(run), std::move(cache), console, force};
}

RunContext existing_run(const std::string& folder, Console& console) {
  train::RunDirectory run = train::RunDirectory::existing(folder);
  train::RecipeParse parse = train::read_recipe(run.resolved_recipe(), {});
  if (!parse.problems.empty()) {
    throw train::Failure(train::ExitCode::kBadData, parse.problems[0].where + ": " + parse.problems[0].message);
  }
  train::StageCache cache(run.stages(), run.path());
  return {std::move(parse.recipe), std::move(run), std::move(cache), console, false};
}

std::string run_of(const std::string& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  for (const fs::path& folder : {full, full.parent_path(), full.parent_path().parent_path()}) {
    if (train::RunDirectory::is_run(folder.string())) return folder.string();
  }
  return {};
}

}  // namespace noggin::tool
