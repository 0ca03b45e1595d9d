#include "train/cli/recipe_check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "data/pretrained/pretrained_folder.h"
#include "data/rows/labels.h"
#include "export/report/text_table.h"
#include "train/augment/tag_augmentation.h"
#include "train/run/run_directory.h"
#include "train/run/space_needed.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;

// What a run directory holds already: files that a run replaces.
std::uintmax_t size_of_folder(const std::string& folder) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (entry->path().filename().string().starts_with("aside-")) entry.disable_recursion_pending();  // kept for good
    const std::uintmax_t size = entry->is_regular_file(unreadable) ? entry->file_size(unreadable) : 0;
    if (!unreadable) bytes += size;
  }
  return bytes;
}

class RecipeCheck {
 public:
  RecipeCheck(const train::Recipe& recipe, const std::string& folder) : recipe_(recipe), folder_(folder) {}

  RecipeFindings run(bool force) {
    for (const auto* split : {&recipe_.data.train, &recipe_.data.dev, &recipe_.data.test}) {
      sizes_.test_bytes = sizes_.log_bytes;
      for (const data::Source& source : *split) {
        check_readable(source.path);
        if (!source.requests_path.empty()) check_readable(source.requests_path);
      }
    }
    sizes_.test_bytes = sizes_.log_bytes - sizes_.test_bytes;  // the last split
    sizes_.vocabulary_size = vocabulary_size();
    check_labels();
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
    sizes_.log_bytes += fs::file_size(path, error);
    findings_.files.push_back(path);
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

  // An upper bound. Reports a file that cannot be read.
  std::uint32_t vocabulary_size() {
    const train::TokenizerRecipe& tokenizer = recipe_.tokenizer;
    if (!tokenizer.vocabulary_file.empty()) check_readable(tokenizer.vocabulary_file);
    if (tokenizer.trim) return tokenizer.training.size;
    if (fs::is_regular_file(tokenizer.vocabulary_file)) {
      std::ifstream file(tokenizer.vocabulary_file);
      return static_cast<std::uint32_t>(
          std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n') + 1);
    }
    if (recipe_.init.folder.empty()) return tokenizer.training.size;
    const auto folder = data::read_pretrained_folder(recipe_.init.folder);
    return folder ? folder->vocabulary_size : tokenizer.training.size;
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
    sizes_.classes = static_cast<std::uint32_t>(findings_.classes);
    const std::uintmax_t whole = train::space_needed(recipe_, sizes_);
    const std::uintmax_t there = train::RunDirectory::is_run(folder_) ? size_of_folder(folder_) : 0;
    const std::uintmax_t needed = whole > there ? whole - there : 0;
    const fs::space_info space = fs::space(existing, error);
    if (!error && space.available < needed) {
      found(ExitCode::kOutOfSpace,
            fmt::format("{} has {} free, this run may need {}. Fix: free space, or choose another --out",
                        existing.string(), exporter::format_bytes(space.available), exporter::format_bytes(needed)));
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
  train::RunInputs sizes_;
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
