// Accuracy with confidence intervals, of checkpoints and of shipped models.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "data/shards/shard.h"
#include "export/report/statistics.h"
#include "noggin/engine.h"
#include "prediction/predictor.h"
#include "train/cli/checkpoint_file.h"
#include "train/cli/held_out_rows.h"
#include "train/cli/stages.h"
#include "train/cli/verbs.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;

bool is_model(const std::string& path) { return path.ends_with(".nog"); }

// The models of a run: every finished checkpoint and the shipped model.
std::vector<std::string> subjects(const std::string& path, const RunContext* context) {
  if (fs::is_regular_file(path)) return {path};
  std::vector<std::string> files = trained(*context).outputs();
  const std::string nog = context->run.exports() + "/model.nog";
  if (!context->cache.outputs("export").empty()) files.push_back(nog);
  return files;
}

data::ExampleTable rows_for(const Arguments& arguments, const std::string& path, const RunContext* context,
                            train::Progress& progress) {
  if (const auto file = arguments.text("data")) {
    return is_model(path) ? held_out_rows(*file, path, progress) : checkpoint_rows(*file, path, progress);
  }
  if (context == nullptr) {
    throw train::Failure(ExitCode::kUsage,
                         path + " is not in a run directory. Fix: add --data FILE with labelled rows");
  }
  const HeldOut split = held_out_of(arguments.text_or("split", name_of(HeldOut::kDev)));
  return train::value_or_throw(data::read_shards(ingested(*context).held_out(split)));
}

}  // namespace

Predictions model_predictions(const std::string& path, const data::ExampleTable& rows) {
  const Model model = train::value_or_throw(Model::open(path));
  Session session = train::value_or_throw(Session::create(model));
  runtime::Predictor predictor(model, session);
  Predictions result;
  std::vector<double> microseconds;
  const auto keep = [&](std::size_t, const train::Prediction& answer, std::span<const float>) {
    result.answers.push_back(answer);
  };
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::string_view text = rows.text_of(i);
    train::throw_unless_ok(predictor.predict(std::span(&text, 1), keep));
    microseconds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  result.latency_us = exporter::median(std::move(microseconds));
  result.size_bytes = fs::file_size(path);
  return result;
}

Options eval_options() {
  namespace po = boost::program_options;
  Options options("Options");
  options.add_options()("data", po::value<std::string>()->value_name("FILE"), "labelled rows: JSON lines or a shard")(
      "split", po::value<std::string>()->value_name("NAME"), "dev or test of the run directory (default: dev)");
  return options;
}

ExitCode eval(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  const std::string path = arguments.only_file("run directory, checkpoint or model");
  std::optional<RunContext> context;
  if (const std::string run = run_of(path); !run.empty()) context.emplace(existing_run(run, console));
  if (!context && !fs::is_regular_file(path)) {
    throw train::Failure(ExitCode::kBadData, path + " is not a run directory, checkpoint or model");
  }
  const RunContext* run = context ? &*context : nullptr;
  const std::vector<std::string> files = subjects(path, run);
  if (run != nullptr) {
    for (const std::string& file : files) run->cache.check_if_recorded(file);
  }
  const data::ExampleTable rows = rows_for(arguments, files.back(), run, console.progress());
  const auto reader = reader_of(files.back());
  exporter::ResultTable table;
  table.primary_metric_name = reader->primary_metric_name();
  table.name = run != nullptr ? run->recipe.name : fs::path(path).filename().string();
  table.split = arguments.text_or("data", arguments.text_or("split", name_of(HeldOut::kDev)));
  table.rows = rows.rows();
  for (const std::string& file : files) {
    const Predictions predictions =
        is_model(file) ? model_predictions(file, rows) : checkpoint_predictions(run, file, rows);
    exporter::TargetResult row =
        exporter::score(fs::path(file).filename().string(), reader->scores(rows, predictions.answers));
    if (const auto classes = reader->classes(predictions.answers)) {
      add_classification(row, *classes, rows.label, reader->task().none_class);
    }
    row.size_bytes = predictions.size_bytes;
    if (predictions.latency_us > 0.0) row.latency_us = predictions.latency_us;
    table.targets.push_back(std::move(row));
  }
  console.finish({files, {}, {}, ""}, exporter::to_text(table), exporter::to_json(table));
  return ExitCode::kOk;
}

}  // namespace noggin::tool
