#include "train/start/start_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "data/pretrained/pretrained_folder.h"
#include "train/checkpoint/checkpoint.h"
#include "train/checkpoint/resume_files.h"
#include "train/run/failure.h"
#include "train/run/run_directory.h"
#include "train/run/stage_cache.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;

bool is_quantized(const std::string& checkpoint) { return value_or_throw(read_bundle(checkpoint)).quantized; }

std::string checkpoint_of(const std::string& run) {
  const RunDirectory directory = RunDirectory::existing(run);
  const StageCache cache(directory.stages(), directory.path());
  std::vector<std::string> checkpoints = cache.outputs("train");
  std::erase_if(checkpoints, [](const std::string& file) { return fs::path(file).filename() == kStartFile; });
  if (checkpoints.empty()) {
    throw Failure(
        ExitCode::kBadData,
        fmt::format("{} is a run of which no training is finished. Fix: let it finish (`noggin run`), or name "
                    "one of its checkpoints",
                    run));
  }
  cache.check("train", checkpoints);
  const auto last_float =
      std::find_if_not(checkpoints.rbegin(), checkpoints.rend(), [](const std::string& c) { return is_quantized(c); });
  return last_float == checkpoints.rend() ? checkpoints.back() : *last_float;
}

Result<StartSource> of_run(const std::string& path) try {
  const std::string checkpoint = checkpoint_of(path);
  return StartSource{false, checkpoint, {checkpoint}};
} catch (const Failure& failure) {
  return Error{ErrorCode::kBadData, failure.what()};
}

Result<StartSource> of_folder(const std::string& path) {
  Result<data::PretrainedFiles> files = data::list_pretrained_files(path);
  if (!files) return files.error();
  StartSource source{true, path, std::move(files->description)};
  source.files.insert(source.files.end(), files->weights.begin(), files->weights.end());
  return source;
}

}  // namespace

Result<StartSource> find_start(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return Error{ErrorCode::kNotFound, path + " does not exist. Fix: correct the path"};
  if (RunDirectory::is_run(path)) return of_run(path);
  if (fs::exists(path + "/config.json", error)) return of_folder(path);
  if (fs::is_directory(path, error)) {
    return Error{ErrorCode::kNotFound, path +
                                           " is neither a run directory nor a folder that `noggin export "
                                           "--hugging-face` wrote. Fix: name one of these, or a checkpoint"};
  }
  if (path.ends_with(".nog")) {
    return Error{ErrorCode::kUnsupported, path +
                                              " holds the integers of a device, and training goes on with floats. Fix: "
                                              "name the run that made it, or one of its checkpoints"};
  }
  return StartSource{false, path, {path}};
}

}  // namespace noggin::train
