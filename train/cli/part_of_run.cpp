#include "train/cli/part_of_run.h"

#include <filesystem>

#include "bytes/atomic_file.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;

// Relative, so that the run can be moved.
void link_data(const std::string& folder, const std::string& data) {
  const std::string link = folder + "/data";
  std::error_code error;
  fs::create_directories(folder, error);
  if (fs::is_symlink(link, error)) return;
  fs::remove_all(link, error);  // of a run that was copied with links followed
  fs::create_directory_symlink(fs::path(data).lexically_relative(folder), link, error);
  if (!error) return;
  throw train::Failure(train::ExitCode::kOutput,
                       link + " cannot be made a link to the data of the run: " + error.message() +
                           ". Fix: choose an --out on a file system with links");
}

void unlink_data(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (fs::is_symlink(folder + "/data", error)) fs::remove(folder + "/data", error);
}

}  // namespace

RunContext open_part(RunContext& whole, const std::string& name, train::Recipe recipe, Rows rows,
                     const std::string& verb) {
  const std::string folder = whole.run.file(name);
  if (rows == Rows::kOwn)
    unlink_data(folder);
  else
    link_data(folder, whole.run.data());
  recipe.path = folder + "/part.yaml";
  const std::string text = train::to_yaml(recipe);
  train::throw_unless_written(write_file_atomically(recipe.path, text.data(), text.size()));
  train::RunDirectory run = train::RunDirectory::open(folder, recipe, true, verb);
  std::error_code ignored;
  fs::remove(recipe.path, ignored);  // a copy is recipe.yaml
  recipe.path = run.recipe();
  train::StageCache cache(run.stages(), run.path());
  return {std::move(recipe), std::move(run), std::move(cache), whole.console, whole.force, {}, whole.measured};
}

}  // namespace noggin::tool
