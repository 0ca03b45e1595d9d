#include "train/cli/recipe_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "data/ingest/row_survey.h"
#include "data/ingest/split_findings.h"
#include "data/logs/adapter_brat.h"
#include "data/pretrained/pretrained_folder.h"
#include "data/rows/labels.h"
#include "data/vocabulary/vocabulary.h"
#include "export/report/text_table.h"
#include "export/verify/targets.h"
#include "train/augment/tag_augmentation.h"
#include "train/recipe/declared_checks.h"
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

// `check` looks at this many rows of a split.
constexpr std::uint64_t kSurveyedRows = 10'000;

std::string scope_of(const data::RowSurvey& rows) {
  return rows.is_complete() ? std::string() : fmt::format("by the first {} rows: ", kSurveyedRows);
}

// What ingest would refuse; false: the split's other findings mean nothing.
bool judge_split(const train::Recipe& recipe, const data::SplitInput& split, const data::RowSurvey& rows,
                 RecipeFindings& findings) {
  const data::SplitReport& counts = rows.summary.counts;
  if (!rows.is_complete()) {  // what comes later may mend it
    const auto allowed = recipe.data.ingest.quarantine_budget * static_cast<double>(counts.lines);
    if (static_cast<double>(counts.rejected_lines()) > allowed)
      findings.warnings.push_back(fmt::format(
          "{}split \"{}\": {} of {} lines would be rejected ({}), more than "
          "data.quarantine_budget allows",
          scope_of(rows), split.name, counts.rejected_lines(), counts.lines, data::top_reasons(counts.rejected)));
    return counts.accepted > 0;
  }
  Status status = data::check_split(split, counts, recipe.data.ingest);
  if (status && !split.training) status = data::check_has_gold(split.name, counts.accepted, rows.summary.targets.gold);
  if (!status) {
    findings.problems.emplace_back(status.error());
    return false;
  }
  if (counts.rejected_lines() > 0) {
    findings.warnings.push_back(fmt::format("split \"{}\": {} of {} lines would be rejected ({})", split.name,
                                            counts.rejected_lines(), counts.lines, data::top_reasons(counts.rejected)));
  }
  return true;
}

void judge_phases(const train::Recipe& recipe, const data::RowSurvey& training, RecipeFindings& findings) {
  const std::string scope = scope_of(training);
  const train::PhaseFindings phases = train::check_phase_targets(recipe, training.summary.targets);
  for (const std::string& warning : phases.warnings) findings.warnings.push_back(scope + warning);
  for (const std::string& problem : phases.problems) {
    if (training.is_complete())
      findings.problems.emplace_back(ExitCode::kBadData, problem);
    else
      findings.warnings.push_back(scope + problem);
  }
}

class RecipeCheck {
 public:
  RecipeCheck(const NamedRecipe& named, const std::string& folder)
      : named_(named), recipe_(named.recipe()), folder_(folder) {
    findings_.problems = named.faults;
  }

  RecipeFindings run(bool force) {
    for (const auto& [key, split] : {std::pair{"data.train", &recipe_.data.train},
                                     {"data.dev", &recipe_.data.dev},
                                     {"data.test", &recipe_.data.test}}) {
      sizes_.test_bytes = sizes_.log_bytes;
      for (std::size_t i = 0; i < split->size(); ++i) {
        const data::Source& source = (*split)[i];
        for (const std::string& file : data::files_of(source))
          check_readable(fmt::format("{}.{}.path", key, i), file, source.adapter == data::Adapter::kBrat);
        check_readable(fmt::format("{}.{}.requests", key, i), source.requests_path);
      }
    }
    sizes_.test_bytes = sizes_.log_bytes - sizes_.test_bytes;  // the last split
    sizes_.vocabulary_size = check_vocabulary();
    check_labels();
    check_required_targets();
    check_start();
    check_output(force);
    return std::move(findings_);
  }

 private:
  // key: what is at fault; the recipe as a whole, if it leaves the key out.
  void found(ExitCode code, const std::string& key, const std::string& message) {
    findings_.problems.emplace_back(code, message, named_.where(key));
  }

  // Whether the key has a path that can be looked at; without one, the recipe's own faults say so.
  bool names_path(const std::string& key) const { return named_.parsed.paths.contains(key); }

  // may_be_empty: the annotations of a text without spans.
  void check_readable(const std::string& key, const std::string& path, bool may_be_empty = false) {
    const auto given = named_.parsed.paths.find(key);
    if (given == named_.parsed.paths.end()) return;  // none, or one that the recipe's own faults are about
    const auto unusable = [&](const std::string& why) {
      findings_.problems.emplace_back(ExitCode::kBadData, path + why, given->second.where);
    };
    std::error_code error;
    if (!fs::exists(path, error)) return unusable(" does not exist. Fix: correct the path");
    if (!fs::is_regular_file(path, error)) return unusable(" is not a file");
    if (::access(path.c_str(), R_OK) != 0) return unusable(" is not readable. Fix: change its permissions");
    if (fs::file_size(path, error) == 0 && !may_be_empty) return unusable(" is empty");
    sizes_.log_bytes += fs::file_size(path, error);
    findings_.files.push_back(path);
  }

  // Returns an upper bound of its size; for a file that cannot be used any number, because the run is refused.
  std::uint32_t check_vocabulary() {
    const train::TokenizerRecipe& tokenizer = recipe_.tokenizer;
    std::uint32_t size = tokenizer.training.size;
    if (!tokenizer.vocabulary_file.empty()) {
      size = size_of_vocabulary(tokenizer.vocabulary_file);
    } else if (!recipe_.init.folder.empty() && !tokenizer.trim) {
      if (const auto folder = data::read_pretrained_folder(recipe_.init.folder)) size = folder->vocabulary_size;
    } else if (!recipe_.init.from.empty()) {
      size = recipe_.init.from_pieces;
    }
    return tokenizer.trim ? tokenizer.training.size : size;
  }

  // Reports a file that cannot be used.
  std::uint32_t size_of_vocabulary(const std::string& path) {
    constexpr const char* kKey = "tokenizer.vocabulary_file";
    const std::size_t problems = findings_.problems.size();
    check_readable(kKey, path);
    if (!names_path(kKey) || findings_.problems.size() > problems) return 0;
    const auto read = data::read_vocabulary(path, recipe_.tokenizer.training);
    if (read) return static_cast<std::uint32_t>(read->vocabulary.size());
    found(exit_code_of(read.error().code), kKey, std::string(kKey) + ": " + read.error().message);
    return 0;
  }

  void check_labels() {
    const bool of_file = !recipe_.data.labels_file.empty();
    if (of_file && !names_path("data.labels_file")) return;
    const Result<data::LabelSet> labels = labels_of(recipe_);
    if (!labels) {
      // What is wrong with classes that the recipe itself lists, it has said.
      if (of_file) found(exit_code_of(labels.error().code), "data.labels_file", labels.error().message);
      return;
    }
    if (of_file) findings_.files.push_back(recipe_.data.labels_file);
    if (!recipe_.train.form_types.empty()) {
      const auto types = train::types_of_names(labels->names(), recipe_.train.form_types);
      if (!types) found(exit_code_of(types.error().code), "train.form_types", types.error().message);
    }
    const auto checks = train::declared_checks(recipe_.checks, recipe_.task, labels->names());
    if (!checks && of_file) found(exit_code_of(checks.error().code), "checks", checks.error().message);
    findings_.classes = labels->names().size();
  }

  // A gate that no model can pass.
  void check_required_targets() {
    const std::vector<std::string> known = exporter::known_targets();
    for (const std::string& name : recipe_.gates.required_targets) {
      if (std::ranges::find(known, name) == known.end()) {
        found(ExitCode::kUsage, "gates.required_targets",
              fmt::format("gates.required_targets names \"{}\", which is no target. Fix: take one of {}", name,
                          fmt::join(known, ", ")));
      } else if (name == exporter::kOnnxRuntime && !recipe_.exports.onnx) {
        found(ExitCode::kUsage, "gates.required_targets",
              "gates.required_targets names onnxruntime, but export.onnx is false. Fix: change one of the two");
      }
    }
  }

  // A run replaces its own checkpoints.
  void check_start() {
    if (recipe_.init.from.empty()) return;
    std::error_code error;
    const fs::path run = fs::weakly_canonical(folder_, error), start = fs::weakly_canonical(recipe_.init.from, error);
    const auto [run_end, ignored] = std::ranges::mismatch(run, start);
    if (run_end != run.end()) return;
    found(
        ExitCode::kUsage, "init.from",
        fmt::format("init.from: {} lies in the run directory itself, whose checkpoints this run replaces. Fix: choose "
                    "another --out",
                    recipe_.init.from));
  }

  // The nearest existing parent folder decides about space and permissions.
  void check_output(bool force) {
    std::error_code error;
    fs::path existing = fs::absolute(folder_);
    while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
    if (::access(existing.c_str(), W_OK) != 0) {
      findings_.problems.emplace_back(
          ExitCode::kOutput,
          fmt::format("{} cannot be written below {}. Fix: choose another --out", folder_, existing.string()));
    }
    if (!named_.faults.empty()) return;
    sizes_.classes = static_cast<std::uint32_t>(findings_.classes);
    const std::uintmax_t whole = train::space_needed(recipe_, sizes_);
    const std::uintmax_t there = train::RunDirectory::is_run(folder_) ? size_of_folder(folder_) : 0;
    const std::uintmax_t needed = whole > there ? whole - there : 0;
    const fs::space_info space = fs::space(existing, error);
    if (!error && space.available < needed) {
      findings_.problems.emplace_back(
          ExitCode::kOutOfSpace,
          fmt::format("{} has {} free, this run may need {}. Fix: free space, or choose another --out",
                      existing.string(), exporter::format_bytes(space.available), exporter::format_bytes(needed)));
    }
    try {
      train::RunDirectory::check_free(folder_, recipe_, force);
    } catch (const train::Failure& failure) {
      findings_.problems.emplace_back(failure.code(), failure.what());
    }
  }

  const NamedRecipe& named_;
  const train::Recipe& recipe_;
  const std::string& folder_;
  RecipeFindings findings_;
  train::RunInputs sizes_;
};

}  // namespace

void look_at_rows(const train::Recipe& recipe, RecipeFindings& findings) {
  data::IngestPlan plan;
  plan.task = recipe.task;
  plan.labels = train::value_or_throw(labels_of(recipe));
  plan.splits = splits_of(recipe);
  data::SplitTexts texts;
  data::IngestReport report;
  bool complete = true;  // all rows of all splits were seen and can be used
  for (const data::SplitInput& split : plan.splits) {
    Result<data::RowSurvey> rows = data::survey_rows(split, plan.labels, recipe.data.ingest, recipe.task, kSurveyedRows,
                                                     &texts, static_cast<float>(recipe.data.score_threshold));
    if (!rows) {
      findings.problems.emplace_back(rows.error());
      return;
    }
    findings.rows.insert(findings.rows.end(), rows->shown.begin(), rows->shown.end());
    const bool usable = judge_split(recipe, split, *rows, findings);
    complete = complete && usable && rows->is_complete();
    if (split.training && usable) judge_phases(recipe, *rows, findings);
    report.splits.push_back(std::move(rows->summary));
  }
  if (!complete) return;
  for (std::string& finding : data::findings_of(report, plan)) findings.warnings.push_back(std::move(finding));
}

std::vector<data::SplitInput> splits_of(const train::Recipe& recipe) {
  const train::DataRecipe& data = recipe.data;
  const double dev = data.dev.empty() ? data.dev_share : 0.0, test = data.test.empty() ? data.test_share : 0.0;
  std::vector<data::SplitInput> splits = {{"train", data.train, true, {dev + test, 1.0}}};
  const bool own_dev = !data.dev.empty(), own_test = !data.test.empty();
  splits.push_back(
      {"dev", own_dev ? data.dev : data.train, false, own_dev ? data::TextShare{} : data::TextShare{0.0, dev}});
  splits.push_back({"test", own_test ? data.test : data.train, false,
                    own_test ? data::TextShare{} : data::TextShare{dev, dev + test}});
  return splits;
}

Result<data::LabelSet> labels_of(const train::Recipe& recipe) {
  const train::DataRecipe& data = recipe.data;
  std::vector<std::string> names = data.labels;
  if (!data.labels_file.empty()) {
    Result<std::vector<std::string>> read = data::LabelSet::read_names(data.labels_file);
    if (!read) return read.error();
    names = *std::move(read);
  }
  return data::LabelSet::create(std::move(names), data.label_words, data.none_label, recipe.task);
}

RecipeFindings find_problems(const NamedRecipe& named, const std::string& run_folder, bool force) {
  return RecipeCheck(named, run_folder).run(force);
}

void throw_if_any(const train::Recipe& recipe, const train::PhaseFindings& findings) {
  std::vector<RecipeFault> faults;
  for (const std::string& problem : findings.problems) faults.emplace_back(ExitCode::kBadData, problem);
  throw_if_any(recipe.path, std::move(faults));
}

}  // namespace noggin::tool
