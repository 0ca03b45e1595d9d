#include "train/run/run_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

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
  if (!StageCache(path + "/stages.json", path).empty()) return true;
  std::error_code error;
  return fs::exists(path + "/checkpoints", error) && !fs::is_empty(path + "/checkpoints", error);
}

// The settings of a run as its resolved recipe gives them. Its text as it is when this version cannot read it.
std::string settings_of_run(const std::string& path) {
  const std::string resolved = path + "/recipe.resolved.yaml";
  const RecipeParse parse = read_recipe(resolved, {});
  return parse.problems.empty() ? run_settings(parse.recipe) : read_all(resolved);
}

}  // namespace

bool RunDirectory::is_run(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path + "/recipe.resolved.yaml", error);
}

void RunDirectory::check_free(const std::string& path, const Recipe& recipe, bool force) {
  if (force) return;
  if (is_run(path)) {
    if (!holds_results(path)) return;
    const std::string now = run_settings(recipe), before = settings_of_run(path);
    if (before == now) return;
    throw Failure(ExitCode::kOutput,
                  fmt::format("{} holds a run of another recipe ({}). Fix: choose another --out, or --force to "
                              "overwrite it",
                              path, first_difference(before, now)));
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

RunDirectory RunDirectory::open(const std::string& path, const Recipe& recipe, bool force) {
  RunDirectory run(path);
  check_free(path, recipe, force);
  run.resumable_ = !is_run(path) || !holds_results(path) || settings_of_run(path) == run_settings(recipe);
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

void RunDirectory::create(const Recipe& recipe) {
  for (const std::string& folder : {path_, data(), checkpoints(), exports()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK) != 0) {
      const std::string reason = error ? error.message() : std::strerror(errno);
      throw Failure(ExitCode::kOutput,
                    fmt::format("{} cannot be written: {}. Fix: choose another --out", folder, reason));
    }
  }
  write_all(this->recipe(), read_all(recipe.path));
  write_all(resolved_recipe(), to_yaml(recipe));
}

}  // namespace noggin::train
