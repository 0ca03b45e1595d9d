#include "train/cli/run_report.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bytes/atomic_file.h"
#include "data/files/json_document.h"
#include "data/shards/shard.h"
#include "export/pages/model_card.h"
#include "train/cli/measured_rows.h"
#include "train/cli/shell_words.h"
#include "train/cli/shipping.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"
#include "train/run/metrics_lines.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    throw train::Failure(train::ExitCode::kBadData, path + ": cannot be read. Fix: name an existing file");
  return std::move(text).str();
}

Json json_if_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) ? json_of_file(path) : Json();
}

// The file that the run ended with, or its rejected one (shipping.h).
std::string model_of(const RunContext& context) {
  const std::string nog = context.run.exports() + "/model.nog";
  std::error_code error;
  return fs::exists(nog, error) ? nog : rejected_name(nog);
}

void expect_finished(const RunContext& context) {
  for (const std::string& file : {context.run.results(), context.run.certificate(), model_of(context)}) {
    std::error_code error;
    if (fs::exists(file, error)) continue;
    throw train::Failure(
        train::ExitCode::kBadData,
        fmt::format("{} is not a finished run: {} is missing. Fix: {}, which goes on from what is saved",
                    context.run.path(), file,
                    shell_command({"noggin", "run", context.run.recipe(), "--out", context.run.path()})));
  }
}

std::vector<std::pair<std::string, std::string>> settings_of(const train::Recipe& recipe) {
  const train::StudentRecipe& student = recipe.student;
  std::vector<std::pair<std::string, std::string>> settings = {
      {"student", fmt::format("{} layers of {}, {} heads, {} feed-forward neurons, before pruning", student.layers,
                              student.width, student.heads, student.ffn_width)},
      {"start", recipe.init.given()
                    ? fmt::format("given weights ({})", recipe.init.from.empty() ? "init.folder" : "init.from")
                    : std::string("random weights")},
      {"bits", fmt::format("{} of a weight, {} of a word's value", recipe.quantize.weight_bits,
                           recipe.quantize.embedding_bits)},
      {"batch", fmt::format("{} rows", recipe.train.batch_rows)}};
  for (std::size_t i = 0; i < recipe.phases.size(); ++i) {
    const train::Phase& phase = recipe.phases[i];
    settings.emplace_back(fmt::format("phase {}", i + 1),
                          fmt::format("{}: {:g} epochs, learning rate {:g}, weight of the teacher {:g}, of gold {:g}",
                                      train::phase_kind_name(phase.kind), phase.epochs, phase.learning_rate,
                                      phase.teacher_weight, phase.gold_weight));
  }
  return settings;
}

// For single_label the run has recorded the rows of largest loss, with probabilities.
void take_recorded_worst(exporter::RunRecord& record) {
  const Json& recorded = exporter::member(record.results, {"figures", "confusions", "worst"});
  if (!recorded.is_array() || recorded.empty()) return;
  record.measured.worst.clear();
  for (const Json& row : recorded) {
    const auto text = [&row](const char* key) { return exporter::string(exporter::member(row, key)); };
    record.measured.worst.push_back({text("id"), text("text"), text("gold"), text("answered"),
                                     exporter::number(exporter::member(row, "gold_probability")).value_or(-1.0),
                                     exporter::number(exporter::member(row, "loss")).value_or(0.0)});
  }
}

std::string ingest_report_of(const RunContext& context) { return context.run.data() + "/ingest_report.json"; }

std::uint64_t key_of(const RunContext& context, const exporter::PageOptions& options) {
  std::vector<std::string> files;
  for (const std::string& file :
       {context.run.results(), context.run.certificate(), context.run.resolved_recipe(), ingest_report_of(context),
        context.run.environment(), context.run.metrics(), context.run.exports() + "/cascade.json", model_of(context)}) {
    std::error_code error;
    if (fs::exists(file, error)) files.push_back(file);
  }
  return train::StageCache::key("report", {files, fmt::format("{} texts {} model {}", NOGGIN_VERSION, options.texts,
                                                              fs::path(model_of(context)).filename().string())});
}

void write_report_file(const std::string& path, const std::string& text) {
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

}  // namespace

Json json_of_file(const std::string& path) {
  auto json = data::parse_json<Json>(content_of(path));
  if (!json || !json->is_object())
    throw train::Failure(train::ExitCode::kBadData,
                         path +
                             ": is no JSON object: damaged, cut, or another kind of file. Fix: make it again with the "
                             "command that wrote it");
  return *std::move(json);
}

exporter::RunRecord run_record(const RunContext& context) {
  expect_finished(context);
  const IngestedData data = ingested(context);
  const std::string nog = model_of(context);
  context.cache.check_if_recorded(nog);
  exporter::RunRecord record;
  record.name = context.recipe.name;
  record.task = spec::task_name(context.recipe.task);
  record.results = json_of_file(context.run.results());
  record.certificate = json_of_file(context.run.certificate());
  record.ingest = json_of_file(ingest_report_of(context));
  record.environment = json_if_there(context.run.environment());
  record.cascade = json_if_there(context.run.exports() + "/cascade.json");
  record.metrics =
      train::metrics_lines(context.run.metrics(), exporter::string(exporter::member(record.results, {"run", "id"})));
  record.settings = settings_of(context.recipe);
  const train::CardRecipe& card = context.recipe.card;
  record.card = {card.description, card.intended_use, card.limits,        card.license,
                 card.language,    card.teacher,      card.teacher_terms, card.data_source};
  record.file = model_file(nog);
  record.file.rejected = nog != context.run.exports() + "/model.nog";
  const HeldOut split = held_out_of(exporter::string(exporter::member(record.results, "split")));
  record.measured = measured_rows(nog, train::value_or_throw(data::read_shards(data.held_out(split))));
  take_recorded_worst(record);
  return record;
}

RunReport report_stage(RunContext& context, const exporter::PageOptions& options) {
  RunReport report{context.run.file("report.html"), context.run.exports() + "/MODEL_CARD.md"};
  expect_finished(context);
  const std::uint64_t key = key_of(context, options);
  if (context.cache.is_current("report", key)) return report;
  const auto start = std::chrono::steady_clock::now();
  const exporter::RunRecord record = run_record(context);
  write_report_file(report.page, exporter::run_page(record, options));
  write_report_file(report.card, exporter::model_card(record));
  report.written = true;
  context.cache.record("report", key, {report.page, report.card},
                       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return report;
}

}  // namespace noggin::tool
