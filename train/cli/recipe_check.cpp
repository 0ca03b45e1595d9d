#include "train/cli/recipe_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "data/rows/labels.h"
#include "data/vocabulary/vocabulary.h"
#include "export/verify/targets.h"
#include "train/augment/tag_augmentation.h"
#include "train/run/run_directory.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;

// Shards, checkpoints and exports together stay below this multiple of the logs' size, plus models.
constexpr std::uintmax_t kShardsPerLogByte = 3;
constexpr std::uintmax_t kModelBytes = 512ULL << 20U;

class RecipeCheck {
 public:
  RecipeCheck(const train::Recipe& recipe, const std::string& folder) : recipe_(recipe), folder_(folder) {}

  RecipeFindings run(bool force) {
    for (const auto* split : {&recipe_.data.train, &recipe_.data.dev, &recipe_.data.test}) {
      for (const data::Source& source : *split) {
        check_readable(source.path);
        if (!source.requests_path.empty()) check_readable(source.requests_path);
      }
    }
    check_vocabulary();
    check_labels();
    check_required_targets();
    check_output(force);
    return std::move(findings_);
  }

 private:
  void found(ExitCode code, const std::string& message) { findings_.problems.emplace_back(code, message); }

  void check_readable(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error))
      return found(ExitCode::kBadData, path + " does not exist. Fix: correct the path in the recipe");
    if (!fs::is_regular_file(path, error)) return found(ExitCode::kBadData, path + " is not a file");
    if (::access(path.c_str(), R_OK) != 0)
      return found(ExitCode::kBadData, path + " is not readable. Fix: change its permissions");
    if (fs::file_size(path, error) == 0) return found(ExitCode::kBadData, path + " is empty");
    bytes_ += fs::file_size(path, error);
    findings_.files.push_back(path);
  }

  void check_vocabulary() {
    const std::string& path = recipe_.tokenizer.vocabulary_file;
    if (path.empty()) return;
    const std::size_t problems = findings_.problems.size();
    check_readable(path);
    if (findings_.problems.size() > problems) return;
    const auto read = data::read_vocabulary(path, recipe_.tokenizer.training);
    if (!read) found(exit_code_of(read.error().code), "tokenizer.vocabulary_file: " + read.error().message);
  }

  void check_labels() {
    std::vector<std::string> names = recipe_.data.labels;
    if (!recipe_.data.labels_file.empty()) {
      auto read = data::LabelSet::read_names(recipe_.data.labels_file);
      if (!read) return found(ExitCode::kBadData, read.error().message);
      names = *read;
      findings_.files.push_back(recipe_.data.labels_file);
    }
    const auto labels = data::LabelSet::create(names, recipe_.data.label_words, recipe_.data.none_label, recipe_.task);
    if (!labels) return found(exit_code_of(labels.error().code), labels.error().message);
    if (!recipe_.train.form_types.empty()) {
      const auto types = train::types_of_names(labels->names(), recipe_.train.form_types);
      if (!types) found(exit_code_of(types.error().code), types.error().message);
    }
    findings_.classes = names.size();
  }

  // A gate that no model can pass.
  void check_required_targets() {
    const std::vector<std::string> known = exporter::known_targets();
    for (const std::string& name : recipe_.gates.required_targets) {
      if (std::ranges::find(known, name) == known.end()) {
        found(ExitCode::kUsage,
              fmt::format("gates.required_targets names \"{}\", which is no target. Fix: take one of {}", name,
                          fmt::join(known, ", ")));
      } else if (name == exporter::kOnnxRuntime && !recipe_.exports.onnx) {
        found(ExitCode::kUsage,
              "gates.required_targets names onnxruntime, but export.onnx is false. Fix: change one of the two");
      }
    }
  }

  // The nearest existing parent folder decides about space and permissions.
  void check_output(bool force) {
    std::error_code error;
    fs::path existing = fs::absolute(folder_);
    while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
    if (::access(existing.c_str(), W_OK) != 0) {
      found(ExitCode::kOutput,
            fmt::format("{} cannot be written below {}. Fix: choose another --out", folder_, existing.string()));
    }
    const std::uintmax_t needed = bytes_ * kShardsPerLogByte + kModelBytes;
    const fs::space_info space = fs::space(existing, error);
    if (!error && space.available < needed) {
      found(ExitCode::kOutOfSpace,
            fmt::format("{} has {} MB free, this run may need {} MB. Fix: free space, or choose another --out",
                        existing.string(), space.available >> 20U, needed >> 20U));
    }
    try {
      train::RunDirectory::check_free(folder_, recipe_, force);
    } catch (const train::Failure& failure) {
      findings_.problems.push_back(failure);
    }
  }

  const train::Recipe& recipe_;
  const std::string& folder_;
  RecipeFindings findings_;
  std::uintmax_t bytes_ = 0;
};

}  // namespace

RecipeFindings find_problems(const train::Recipe& recipe, const std::string& run_folder, bool force) {
  return RecipeCheck(recipe, run_folder).run(force);
}

void throw_if_any(const train::Recipe& recipe, const RecipeFindings& findings) {
  if (findings.problems.empty()) return;
  std::string message = recipe.path + " cannot be run";
  for (const train::Failure& problem : findings.problems) message += std::string("\n  ") + problem.what();
  throw train::Failure(findings.problems.front().code(), message);
}

}  // namespace noggin::tool
