#include "train/run/run_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <vector>

#include "bytes/atomic_file.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/run/stage_cache.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_all(const std::string& path, const std::string& text) {
  throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

std::string unindented(const std::string& line) {
  const std::size_t start = line.find_first_not_of(' ');
  return start == std::string::npos ? line : line.substr(start);
}

// The first line that differs between two texts, for the message.
std::string first_difference(const std::string& before, const std::string& after) {
  std::istringstream left(before), right(after);
  std::string a, b;
  while (true) {
    const bool more_left = static_cast<bool>(std::getline(left, a)),
               more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) return "nothing";
    if (!more_left) a = "(end)";
    if (!more_right) b = "(end)";
    if (a != b) return fmt::format("\"{}\" there, \"{}\" now", unindented(a), unindented(b));
  }
}

// Whether a stage of a run has finished or saved anything. If not, nothing of value is overwritten.
bool holds_results(const std::string& path) {
  std::error_code error;
  const auto holds = [&](const std::string& name) {
    return fs::exists(path + name, error) && !fs::is_empty(path + name, error);
  };
  if (!StageCache(path + "/stages.json", path).empty()) return true;
  return holds("/checkpoints") || fs::exists(path + "/data/ingest_report.json", error);
}

// How many phases the trainings of two recipes begin with alike, when their rows are the same.
std::size_t phases_in_common(const Recipe& before, const Recipe& now) {
  std::size_t count = 0;
  const auto alike = [&](std::size_t phases) {
    return stage_settings(Stage::kTrain, first_phases(before, phases)) ==
           stage_settings(Stage::kTrain, first_phases(now, phases));
  };
  while (count < std::min(before.phases.size(), now.phases.size()) && alike(count + 1)) ++count;
  return count;
}

// Refuses, and says what --force would keep: a stage whose settings are the same, and whose inputs are.
[[noreturn]] void refuse_other_recipe(const std::string& path, const Recipe& before, const Recipe& now) {
  const auto differs = [&](Stage stage) { return stage_settings(stage, before) != stage_settings(stage, now); };
  const bool other_rows = differs(Stage::kIngest);
  std::string kept, anew;
  const auto sort = [&](const char* what, bool stale) {
    std::string& list = stale ? anew : kept;
    list += (list.empty() ? "" : ", ") + std::string(what);
  };
  sort("what was read of unchanged log files", false);
  sort("ingested rows", other_rows);
  sort("baseline", other_rows || differs(Stage::kBaseline));
  const std::size_t phases = other_rows ? 0 : phases_in_common(before, now);
  if (phases > 0 && phases < now.phases.size())
    sort(fmt::format("the first {} of {} phases of training", phases, now.phases.size()).c_str(), false);
  sort(phases > 0 ? "later phases" : "training", other_rows || differs(Stage::kTrain));
  sort("exported files", true);
  throw Failure(
      ExitCode::kOutput,
      fmt::format("{} holds a run of another recipe ({}). Fix: choose another --out, or --force to overwrite "
                  "it; kept: {}; made anew: {}. With --force, what is made anew deletes what was there{}",
                  path, first_difference(run_settings(before), run_settings(now)), kept.empty() ? "nothing" : kept,
                  anew,
                  phases > 0 ? fmt::format(". A run in another folder takes these phases with --reuse {}", path) : ""));
}

// Refuses a run of other settings. A run that lost its resolved recipe is taken: every stage and the saved state carry
// hashes of what they were made from.
void check_same_run(const std::string& path, const Recipe& recipe) {
  if (!RunDirectory::is_run(path)) return;
  const RecipeParse parse = read_recipe(path + "/recipe.resolved.yaml", {});
  if (!parse.problems.empty()) {
    throw Failure(ExitCode::kOutput,
                  fmt::format("{} holds a run whose recipe.resolved.yaml cannot be read ({}), so it may be one of "
                              "another recipe. Fix: delete that file to go on with this recipe (what does not belong "
                              "to it is made anew), choose another --out, or --force to overwrite the run",
                              path, parse.problems[0].message));
  }
  if (run_settings(parse.recipe) != run_settings(recipe)) refuse_other_recipe(path, parse.recipe, recipe);
}

// <file>.tmp-<process>-<number> of bytes/atomic_file.h, <shard>.partial of a shard.
bool is_temporary(const std::string& name) {
  static const std::regex pattern(R"(.+\.tmp-[0-9]+-[0-9]+|.+\.h5\.partial)");
  return std::regex_match(name, pattern);
}

// Only the holder of the lock may do this: nobody else writes here, so what looks like work in progress is left over.
std::size_t remove_temporaries(const RunDirectory& run) {
  std::size_t removed = 0;
  for (const std::string& folder :
       {run.path(), run.data(), run.data() + "/parts", run.data() + "/shards", run.checkpoints(), run.exports()}) {
    std::error_code error;
    std::vector<fs::path> left_over;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (is_temporary(entry.path().filename().string()) && entry.is_regular_file(error)) {
        left_over.push_back(entry.path());
      }
    }
    for (const fs::path& path : left_over) removed += fs::remove(path, error) ? 1 : 0;
  }
  return removed;
}

}  // namespace

bool RunDirectory::is_run(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path + "/recipe.resolved.yaml", error);
}

void RunDirectory::check_free(const std::string& path, const Recipe& recipe, bool force) {
  if (force) return;
  if (is_run(path) || RunLock::marks(path)) {
    if (holds_results(path)) check_same_run(path, recipe);
    return;
  }
  std::error_code error;
  const bool occupied = fs::exists(path, error) && (!fs::is_directory(path, error) || !fs::is_empty(path, error));
  if (occupied) {
    throw Failure(ExitCode::kOutput,
                  fmt::format("{} exists and is not a run directory. Fix: choose another --out, or --force to "
                              "write into it",
                              path));
  }
}

RunDirectory RunDirectory::open(const std::string& path, const Recipe& recipe, bool force, const std::string& verb) {
  RunDirectory run(path);
  check_free(path, recipe, force);
  run.create_folder(path);
  run.lock(verb);
  check_free(path, recipe, force);  // until now another process may have written
  run.create(recipe);
  return run;
}

RunDirectory RunDirectory::existing(const std::string& path) {
  if (!is_run(path)) {
    throw Failure(ExitCode::kBadData,
                  path + " is not a run directory (no recipe.resolved.yaml in it). Fix: give the --out of a run");
  }
  return RunDirectory(path);
}

RunDirectory RunDirectory::existing_to_write(const std::string& path, const std::string& verb) {
  RunDirectory run = existing(path);
  run.lock(verb);
  return run;
}

void RunDirectory::lock(const std::string& verb) {
  const bool was_run = is_run(path_) || RunLock::marks(path_);
  lock_.emplace(path_, verb);
  if (was_run) removed_temporaries_ = remove_temporaries(*this);  // in any other folder they are not ours
}

void RunDirectory::create_folder(const std::string& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK) == 0) return;
  const std::string reason = error ? error.message() : std::strerror(errno);
  throw Failure(ExitCode::kOutput, fmt::format("{} cannot be written: {}. Fix: choose another --out", folder, reason));
}

void RunDirectory::create(const Recipe& recipe) {
  for (const std::string& folder : {data(), checkpoints(), exports()}) create_folder(folder);
  write_all(this->recipe(), read_all(recipe.path));
  write_all(resolved_recipe(), to_yaml(recipe));
}

}  // namespace noggin::train
