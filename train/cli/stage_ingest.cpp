#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "data/ingest/ingest_summary.h"
#include "data/logs/adapter_brat.h"
#include "data/parts/file_pieces.h"
#include "data/pretrained/pretrained_folder.h"
#include "data/shards/shard.h"
#include "export/report/text_table.h"
#include "train/cli/ingest_into.h"
#include "train/cli/ingest_vocabulary.h"
#include "train/cli/recipe_check.h"
#include "train/cli/shell_words.h"
#include "train/cli/stages.h"
#include "train/recipe/declared_checks.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/run/file_hash.h"
#include "train/run/stop_signal.h"
#include "train/start/start_description.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

std::vector<std::string> input_files(const train::Recipe& recipe) {
  const train::DataRecipe& data = recipe.data;
  const std::string& vocabulary_file = recipe.tokenizer.vocabulary_file;
  std::vector<std::string> files;
  for (const auto* split : {&data.train, &data.dev, &data.test}) {
    for (const data::Source& source : *split) {
      for (const std::string& file : data::files_of(source)) files.push_back(file);
      if (!source.requests_path.empty()) files.push_back(source.requests_path);
    }
  }
  if (!data.labels_file.empty()) files.push_back(data.labels_file);
  if (!vocabulary_file.empty()) files.push_back(vocabulary_file);
  if (!recipe.init.folder.empty()) {
    const std::vector<std::string> description =
        value_or_throw(data::list_pretrained_files(recipe.init.folder)).description;
    files.insert(files.end(), description.begin(), description.end());
  }
  return files;
}

data::IngestPlan plan_of(const train::Recipe& recipe, const std::string& folder, Console& console) {
  data::IngestPlan plan;
  plan.task = recipe.task;
  plan.labels = value_or_throw(labels_of(recipe));
  plan.splits = splits_of(recipe);
  plan.options = recipe.data.ingest;
  plan.gold_threshold = static_cast<float>(recipe.data.score_threshold);
  plan.tokenizer = vocabulary_choice(recipe);
  plan.max_tokens = recipe.tokenizer.max_tokens;
  plan.output_folder = folder;
  plan.threads = recipe.train.threads > 0 ? recipe.train.threads : std::max(1U, std::thread::hardware_concurrency());
  plan.hash_of = [](const std::string& path) -> Result<std::uint64_t> {
    try {
      return train::hash_file(path);
    } catch (const train::Failure& failure) {
      return Error{ErrorCode::kIo, failure.what()};
    }
  };
  plan.replace = true;  // the stage cache has decided that existing results are out of date
  plan.progress = [&progress = console.progress(), task = std::string()](const data::IngestProgress& now) mutable {
    const std::string next = fmt::format("ingest {}{}{}", now.split, now.split.empty() ? "" : " ", now.stage);
    if (task != next) progress.begin(next, 0, "rows");
    task = next;
    progress.update(now.rows);
    return !train::StopSignal::requested();
  };
  return plan;
}

std::string reasons(const data::SplitReport& counts) {
  return counts.rejected.empty() ? std::string() : data::top_reasons(counts.rejected);
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string coverage_line(const data::TrimCoverage& coverage) {
  return fmt::format("vocabulary: {} of {} pieces kept; {:.2f} % of the {} training tokens keep their piece\n",
                     train::format_count(coverage.kept_pieces), train::format_count(coverage.full_pieces),
                     percent(coverage.kept_tokens, coverage.corpus_tokens),
                     train::format_count(coverage.corpus_tokens));
}

std::string table_of(const data::IngestReport& report) {
  exporter::TextTable table({"split", "lines", "accepted", "rejected", "duplicates", "retried", "with label",
                             "with teacher", "in train too", "unknown words %", "reasons"});
  for (const data::SplitSummary& split : report.splits) {
    const data::SplitReport& counts = split.counts;
    table.add({split.name, train::format_count(counts.lines), train::format_count(counts.accepted),
               train::format_count(counts.rejected_lines()), train::format_count(counts.duplicates),
               train::format_count(counts.retried), train::format_count(counts.with_label),
               train::format_count(counts.with_teacher),
               train::format_count(split.name == "train" ? 0 : counts.repeated_from("train")),
               fmt::format("{:.3f}", percent(split.unknown_tokens, split.words)), reasons(counts)});
  }
  std::string text = table.text() + data::summary_of(report);
  if (report.log_parts > report.log_files && report.read_parts < report.log_parts)
    text += fmt::format("{} of {} pieces of {} files of logs were read before, and not again\n",
                        report.log_parts - report.read_parts, report.log_parts, report.log_files);
  else if (report.read_files < report.log_files)
    text += fmt::format("{} of {} files of logs were read before, and not again\n",
                        report.log_files - report.read_files, report.log_files);
  if (report.coverage) text += coverage_line(*report.coverage);
  text += "rejected lines: " + report.quarantine_path + "\n";
  return text;
}

// Makes the hash of a large log. Into which pieces it is cut is found in the same pass, and waits where the ingest
// looks for it.
void hash_log(const std::string& path, const std::string& folder) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error || bytes <= data::kPieceBytes) return;
  train::hash_file(path, [&] { return value_or_throw(data::hash_and_cut(path, data::kPieceBytes, folder)); });
}

void hash_logs(const RunContext& context) {
  const std::string folder = data::parts_folder(context.run.data());
  const train::DataRecipe& data = context.recipe.data;
  for (const auto* split : {&data.train, &data.dev, &data.test}) {
    for (const data::Source& source : *split) {
      if (!data::holds_documents(source)) continue;
      hash_log(source.path, folder);
      if (!source.requests_path.empty()) hash_log(source.requests_path, folder);
    }
  }
}

// Of a start only the vocabulary counts: another student with the same one needs no other shards.
std::uint64_t key_of_ingest(const train::Recipe& recipe) {
  std::string settings = train::stage_settings(train::Stage::kIngest, recipe);
  if (!recipe.init.from.empty()) {
    const std::vector<std::string> pieces =
        value_or_throw(train::describe_start(recipe.init.from)).tokenizer.vocabulary;
    settings += fmt::format("\npieces of the start {}", fmt::join(pieces, " "));
  }
  return train::StageCache::key("ingest", {input_files(recipe), settings});
}

std::string report_path(const RunContext& context) { return context.run.data() + "/ingest_report.json"; }
std::string vocabulary_path(const RunContext& context) { return context.run.data() + "/vocab.txt"; }

// What ingest has left: the names of its files.
IngestedData ingested_files(const RunContext& context) {
  const std::string shards = context.run.data() + "/shards/";
  IngestedData result;
  result.train_shards = data::list_shards(shards + "train");
  result.dev_shards = data::list_shards(shards + "dev");
  result.test_shards = data::list_shards(shards + "test");
  if (result.train_shards.empty() || !std::filesystem::exists(report_path(context))) {
    throw train::Failure(train::ExitCode::kBadData,
                         context.run.data() + " holds no finished ingest. Fix: " +
                             shell_command({"noggin", "ingest", context.run.recipe(), "--out", context.run.path()}));
  }
  for (const auto* split : {&result.train_shards, &result.dev_shards, &result.test_shards}) {
    result.outputs.insert(result.outputs.end(), split->begin(), split->end());
  }
  result.outputs.push_back(vocabulary_path(context));
  result.outputs.push_back(report_path(context));
  return result;
}

// And what training needs of them.
IngestedData read_ingested(const RunContext& context, IngestedData result) {
  result.tokenizer = value_or_throw(data::read_vocabulary(vocabulary_path(context), context.recipe.tokenizer.training));
  result.facts = value_or_throw(data::read_ingest_facts(report_path(context)));
  const data::LabelSet labels = value_or_throw(labels_of(context.recipe));
  result.task = value_or_throw(train::task_of(context.recipe, labels));
  return result;
}

// The same, and warns of what ingest has found.
IngestedData read_with_findings(RunContext& context) {
  IngestedData result = read_ingested(context, ingested_files(context));
  for (const std::string& finding : result.facts.findings) context.console.progress().warn(finding);
  return result;
}

}  // namespace

IngestedData ingested(const RunContext& context) {
  IngestedData files = ingested_files(context);
  context.cache.check_names("ingest", files.outputs);
  context.cache.check(
      "ingest", {files.outputs.begin() + static_cast<std::ptrdiff_t>(files.train_shards.size()), files.outputs.end()});
  return read_ingested(context, std::move(files));
}

void share_ingest(const RunContext& context, const IngestedData& data, RunContext& to) {
  const std::uint64_t key = key_of_ingest(context.recipe);
  std::vector<std::string> outputs;
  for (const std::string& file : data.outputs)
    outputs.push_back(to.run.data() + file.substr(context.run.data().size()));
  if (!to.cache.is_current("ingest", key)) to.cache.record("ingest", key, outputs, 0.0);
}

std::optional<IngestedData> current_ingest(const train::Recipe& recipe, const std::string& folder, Console& console) {
  if (!train::RunDirectory::is_run(folder)) return std::nullopt;
  RunContext context = existing_run(folder, console);
  context.recipe = recipe;
  if (!context.cache.is_current("ingest", key_of_ingest(recipe))) return std::nullopt;
  return ingested(context);
}

data::IngestReport ingest_into(const train::Recipe& recipe, const std::string& folder, Console& console) {
  Result<data::IngestReport> report = data::ingest(plan_of(recipe, folder, console));
  console.progress().end();
  if (!report && train::StopSignal::requested())
    throw train::Failure(
        train::StopSignal::exit_code(),
        "ingest stopped by a signal; the files of logs that were read whole are kept: the same command goes on");
  return value_or_throw(std::move(report));
}

IngestedData ingest_stage(RunContext& context) {
  train::Progress& progress = context.console.progress();
  hash_logs(context);
  const std::uint64_t key = key_of_ingest(context.recipe);
  if (context.cache.is_current("ingest", key)) {
    progress.note("ingest: unchanged, skipped");
    return read_with_findings(context);
  }
  const data::IngestReport report = ingest_into(context.recipe, context.run.data(), context.console);
  for (const data::SplitSummary& split : report.splits)
    for (const data::FileFingerprint& shard : split.shards) train::know_file_hash(shard.path, shard.hash);
  IngestedData result = read_with_findings(context);
  result.text = table_of(report);
  context.cache.record("ingest", key, result.outputs, report.seconds);
  return result;
}

}  // namespace noggin::tool
