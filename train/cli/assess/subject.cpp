#include "train/cli/assess/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "bytes/atomic_file.h"
#include "data/logs/source.h"
#include "data/shards/shard.h"
#include "train/cli/ingest_into.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/recipe_proposal.h"
#include "train/recipe/declared_checks.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::value_or_throw;

// A recipe for logs alone, as `init --from` writes it, in a folder of ours.
std::string guessed_recipe(const std::vector<std::string>& logs, const std::string& folder, Console& console) {
  for (const std::string& log : logs) {
    std::error_code error;
    if (!fs::exists(log, error))
      throw train::Failure(train::ExitCode::kBadData, log + " does not exist. Fix: correct the path of this log");
  }
  const RecipeProposal proposal = propose_recipe({.files = logs}, folder);
  for (const std::string& comment : proposal.comments) console.progress().note(comment);
  const std::string path = folder + "/recipe.yaml", text = train::commented_yaml(proposal.recipe);
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
  return path;
}

NamedRecipe recipe_to_assess(const Arguments& arguments, const std::string& folder, Console& console) {
  const std::vector<std::string> logs = arguments.list("from");
  if (logs.empty()) return named_recipe(arguments, console);
  if (!arguments.files().empty())
    throw train::Failure(train::ExitCode::kUsage,
                         fmt::format("--from guesses a recipe, and \"{}\" names one. Fix: leave out one of the two",
                                     arguments.files().front()));
  return recipe_at(guessed_recipe(logs, folder, console), arguments.overrides(), console);
}

// Files of JSON documents, each once.
std::vector<std::string> logs_of(const train::Recipe& recipe) {
  std::vector<std::string> files;
  for (const auto* split : {&recipe.data.train, &recipe.data.dev, &recipe.data.test})
    for (const data::Source& source : *split)
      if (data::holds_documents(source) && std::ranges::find(files, source.path) == files.end())
        files.push_back(source.path);
  return files;
}

void refuse_one_class(const AssessedJob& subject) {
  if (!spec::traits_of(subject.recipe.task).is_classification()) return;
  const data::ClassCounts& classes = subject.split("train").classes;
  std::size_t seen = 0, last = 0;
  for (std::size_t i = 0; i < classes.names.size(); ++i) {
    if (classes.gold[i] + classes.teacher[i] == 0) continue;
    ++seen;
    last = i;
  }
  if (seen != 1) return;
  throw train::Failure(
      train::ExitCode::kBadData,
      fmt::format("{}: all training rows have the class \"{}\", so there is nothing to decide. Fix: name "
                  "logs that hold the other classes in data.train, or correct data.labels",
                  subject.recipe.path, classes.names[last]));
}

void read_log(AssessedJob& subject) {
  subject.facts = value_or_throw(assess::read_log_facts(logs_of(subject.recipe)));
  for (const data::SplitInput& split : splits_of(subject.recipe))
    if (split.training)
      subject.log = value_or_throw(
          assess::read_log_rows(split, subject.labels, subject.recipe.data.ingest, subject.recipe.task, subject.facts));
}

}  // namespace

const data::SplitSummary& AssessedJob::split(const std::string& name) const {
  const auto found = std::ranges::find(report.splits, name, &data::SplitSummary::name);
  if (found != report.splits.end()) return *found;
  throw train::Failure(train::ExitCode::kUsage,
                       fmt::format("{} has no split \"{}\". Fix: name its files in data.{}, or set data.{}_share",
                                   recipe.path, name, name, name));
}

std::uint64_t AssessedJob::rows_with_gold_on_dev() const {
  if (split("dev").counts.measured_by_teacher > 0) return 0;
  std::uint64_t rows = 0;
  for (std::size_t row = 0; row < dev.rows(); ++row) rows += dev.has_gold(row) ? 1 : 0;
  return rows;
}

std::optional<exporter::Interval> AssessedJob::teacher_quality() const {
  if (rows_with_gold_on_dev() == 0) return std::nullopt;
  const auto answers = reader->teacher_answers(dev);
  if (!answers) return std::nullopt;
  exporter::BootstrapOptions options;
  options.seed = recipe.seed;
  return exporter::bootstrap_ratio(reader->scores(dev, *answers), options);
}

std::vector<std::string> shards_of(const data::SplitSummary& split) {
  std::vector<std::string> paths;
  for (const data::FileFingerprint& shard : split.shards) paths.push_back(shard.path);
  return paths;
}

std::unique_ptr<const AssessedJob> subject_of(const Arguments& arguments, Console& console) {
  auto made = std::make_unique<AssessedJob>();
  AssessedJob& subject = *made;
  NamedRecipe named = recipe_to_assess(arguments, subject.folder.path(), console);
  RecipeFindings findings = find_problems(named, subject.folder.path() + "/run", false);
  throw_if_any(named.recipe().path, findings.problems);
  subject.files = std::move(findings.files);
  subject.recipe = std::move(named.parsed.parse.recipe);
  subject.labels = value_or_throw(labels_of(subject.recipe));
  subject.report = ingest_into(subject.recipe, subject.folder.path() + "/data", console);
  for (const std::string& finding : subject.report.findings)
    console.progress().warn(finding.substr(0, finding.find(" Example: ")));  // of which nobody knows yet how private
  refuse_one_class(subject);
  subject.task = value_or_throw(train::task_of(subject.recipe, subject.labels));
  subject.training = value_or_throw(data::read_shards(shards_of(subject.split("train"))));
  subject.dev = value_or_throw(data::read_shards(shards_of(subject.split("dev"))));
  subject.reader = value_or_throw(
      train::TaskReader::create(subject.task, subject.report.tokenizer, subject.recipe.tokenizer.max_tokens));
  read_log(subject);
  return made;
}

KnownTexts known_texts(const AssessedJob& subject) {
  constexpr std::size_t kSamples = 2'000;
  const train::Recipe& recipe = subject.recipe;
  KnownTexts known;
  known.tokenizer = subject.report.tokenizer;
  for (const data::SplitSummary& split : subject.report.splits)
    for (const std::string& shard : shards_of(split)) known.ingest_files.push_back(fs::path(shard).filename().string());
  for (const std::string& file : {subject.report.vocabulary_path, subject.report.report_path})
    known.ingest_files.push_back(fs::path(file).filename().string());
  if (recipe.exports.golden_from_data)
    known.golden_texts =
        golden_texts(recipe.exports, known.tokenizer.vocabulary, recipe.tokenizer.max_tokens, subject.dev);
  known.rows = std::min(subject.training.rows(), kSamples);
  for (std::size_t row = 0; row < known.rows; ++row) known.samples.emplace_back(subject.training.text_of(row));
  return known;
}

}  // namespace noggin::tool
