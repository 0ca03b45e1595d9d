#include <fmt/format.h>

#include <filesystem>

#include "bytes/atomic_file.h"
#include "data/shards/shard.h"
#include "train/cli/environment.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/stages.h"

namespace noggin::tool {

namespace fs = std::filesystem;

const char* name_of(HeldOut split) { return split == HeldOut::kDev ? "dev" : "test"; }

HeldOut held_out_of(const std::string& name) {
  for (const HeldOut split : {HeldOut::kDev, HeldOut::kTest}) {
    if (name == name_of(split)) return split;
  }
  throw train::Failure(train::ExitCode::kUsage, "--split is \"" + name + "\". Fix: dev or test");
}

DevRows::DevRows(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows)
    : measured_(rows) {
  if (context.measured != HeldOut::kDev) read_ = train::value_or_throw(data::read_shards(data.dev_shards));
}

namespace {

// Says what the opening of a run directory has found.
void report_opening(const train::RunDirectory& run, const train::StageCache& cache, train::Progress& progress) {
  if (const std::string obstacle = run.lock_obstacle(); !obstacle.empty()) {
    progress.warn(
        fmt::format("the file system of {} has no locks ({}): a second run at this folder would not be "
                    "noticed",
                    run.path(), obstacle));
  }
  if (const std::size_t removed = run.removed_temporaries(); removed > 0) {
    progress.note(fmt::format("removed {} temporary {} of killed processes", removed, removed == 1 ? "file" : "files"));
  }
  std::error_code error;
  const bool lost = cache.damage().empty() && cache.empty() && fs::exists(run.data() + "/ingest_report.json", error);
  if (cache.damage().empty() && !lost) return;
  progress.warn(
      fmt::format("{} {}: which stages are finished is not known from it. They run again; what training has "
                  "saved is judged by its own fingerprint",
                  run.stages(), lost ? "is missing" : cache.damage()));
}

RunContext context_of(train::RunDirectory run, Console& console) {
  train::RecipeParse parse = train::read_recipe(run.resolved_recipe(), {});
  if (!parse.problems.empty()) {
    throw train::Failure(train::ExitCode::kBadData, parse.problems[0].where + ": " + parse.problems[0].message);
  }
  train::StageCache cache(run.stages(), run.path());
  return {std::move(parse.recipe), std::move(run), std::move(cache), console, false};
}

}  // namespace

RunContext open_run(const Arguments& arguments, Console& console, const std::string& verb) {
  NamedRecipe named = named_recipe(arguments, console);
  train::Recipe& recipe = named.parsed.parse.recipe;
  const bool force = arguments.has("force");
  const std::string folder = run_folder_of(arguments, recipe);
  std::string reuse = arguments.text_or("reuse", "");
  if (!reuse.empty()) reuse = train::RunDirectory::existing(reuse).checkpoints();
  throw_if_any(recipe.path, find_problems(named, folder, force).problems);
  train::RunDirectory run = train::RunDirectory::open(folder, recipe, force, verb);
  console.progress().log_to(run.log());
  const std::string environment = describe_environment(run.path()).dump(2) + "\n";
  train::throw_unless_written(write_file_atomically(run.environment(), environment.data(), environment.size()));
  console.progress().note(fmt::format("run directory {}", run.path()));
  train::remember_file_hashes(run.file_hashes());
  train::StageCache cache(run.stages(), run.path());
  report_opening(run, cache, console.progress());
  return {std::move(recipe),
          std::move(run),
          std::move(cache),
          console,
          force,
          std::move(reuse),
          arguments.has("final") ? HeldOut::kTest : HeldOut::kDev};
}

RunContext existing_run(const std::string& folder, Console& console) {
  check_utf8_path(folder);
  return context_of(train::RunDirectory::existing(folder), console);
}

RunContext existing_run_to_write(const std::string& folder, Console& console, const std::string& verb) {
  check_utf8_path(folder);
  RunContext context = context_of(train::RunDirectory::existing_to_write(folder, verb), console);
  console.progress().log_to(context.run.log());
  train::remember_file_hashes(context.run.file_hashes());
  report_opening(context.run, context.cache, console.progress());
  return context;
}

std::string run_of(const std::string& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  for (const fs::path& folder : {full, full.parent_path(), full.parent_path().parent_path()}) {
    if (train::RunDirectory::is_run(folder.string())) return folder.string();
  }
  return {};
}

}  // namespace noggin::tool
