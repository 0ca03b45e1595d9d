#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "train/cli/budget.h"
#include "train/cli/stages.h"
#include "train/run/failure.h"
#include "train/run/progress.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

class TableBuilder {
 public:
  TableBuilder(const RunContext& context, const train::TaskReader& reader, const data::ExampleTable& rows)
      : reader_(reader), rows_(rows) {
    table_.name = context.recipe.name;
    table_.split = name_of(context.measured);
    table_.primary_metric_name = reader.primary_metric_name();
    table_.rows = rows.rows();
    options_.seed = context.recipe.seed;
  }

  exporter::TargetResult& add(const std::string& name, const std::vector<train::Prediction>& answers) {
    table_.targets.push_back(exporter::score(name, reader_.scores(rows_, answers), options_));
    if (const auto classes = reader_.classes(answers)) {
      add_classification(table_.targets.back(), *classes, rows_.label, reader_.task().none_class, options_);
    }
    return table_.targets.back();
  }

  void add(const std::string& name, const Predictions& predictions) {
    exporter::TargetResult& row = add(name, predictions.answers);
    if (predictions.size_bytes > 0) row.size_bytes = predictions.size_bytes;
    if (predictions.latency_us > 0.0) row.latency_us = predictions.latency_us;
  }

  // Only if the log has the teacher's answer for every row: a subset would compare different texts.
  void add_teacher() {
    const std::optional<std::vector<train::Prediction>> answers = reader_.teacher_answers(rows_);
    if (answers) add("teacher", *answers);
  }

  // expected: the answers that the target was compared with.
  void add(const exporter::TargetReport& target, const std::vector<train::Prediction>& expected,
           const ExportedModel& model) {
    const bool onnx = target.name == "onnxruntime";
    const std::string name = onnx ? "ONNX Runtime" : fmt::format(".nog ({})", target.name);
    if (!target.ran) {
      if (!onnx) return;  // verify reports instruction sets that this machine lacks
      exporter::TargetResult row;
      row.name = name;
      row.note = "not run: " + target.why_not;
      table_.targets.push_back(row);
      return;
    }
    exporter::TargetResult& row = add(name, exporter::answers_of(target, expected));
    if (target.rows < rows_.rows())
      row.note = fmt::format("asked {} of {} rows; the others as the trainer", target.rows, rows_.rows());
    row.size_bytes = size_of(onnx ? model.onnx : model.nog);
    if (target.median_microseconds > 0.0) row.latency_us = target.median_microseconds;
  }

  exporter::ResultTable& table() { return table_; }
  const exporter::BootstrapOptions& options() const { return options_; }

 private:
  const train::TaskReader& reader_;
  const data::ExampleTable& rows_;
  exporter::ResultTable table_;
  exporter::BootstrapOptions options_;
};

}  // namespace

exporter::GateResult size_gate(const train::BudgetRecipe& budget, const std::string& nog) {
  const std::uint64_t bytes = size_of(nog), allowed = budget_bytes(budget);
  return {"size budget", bytes <= allowed,
          fmt::format("{} bytes, allowed {}", train::format_count(bytes), train::format_count(allowed))};
}

const Predictions& CheckpointAnswers::of(const std::string& checkpoint) {
  const auto found = known_.find(checkpoint);
  if (found != known_.end()) return found->second;
  return known_[checkpoint] = checkpoint_predictions(&context_, checkpoint, rows_);
}

bool VerifiedModel::passed() const {
  return std::all_of(gates.begin(), gates.end(), [](const exporter::GateResult& gate) { return gate.passed; });
}

VerifiedModel verify_stage(RunContext& context, const TrainedStudent& student, const ExportedModel& model,
                           const data::ExampleTable& rows, CheckpointAnswers& floats,
                           const std::vector<std::string>& targets) {
  train::Progress& progress = context.console.progress();
  exporter::VerifyRequest request;
  request.nog_path = model.nog;
  request.checkpoint_path = student.final_checkpoint;
  request.onnx_path = model.onnx;
  request.rows = &rows;
  request.targets = targets;
  request.required_targets = context.recipe.gates.required_targets;
  request.reference_rows = context.recipe.gates.reference_rows;
  request.progress = [&progress, begun = false](std::uint64_t done, std::uint64_t total) mutable {
    if (!begun) progress.begin("verify", total, "rows");
    begun = true;
    progress.update(done);
    train::StopSignal::throw_if_requested("verify was", "Nothing was written; the same command goes on from here");
  };
  VerifiedModel verified{train::value_or_throw(exporter::verify(request)), {}};
  progress.end();
  const train::GateRecipe& gates = context.recipe.gates;
  const auto reader = reader_of(context, ingested(context));
  const exporter::GateLimits limits{gates.max_prediction_changes, gates.required_targets, gates.min_primary_metric,
                                    gates.max_drop_from_float,
                                    reader->scores(rows, floats.of(student.best_float_checkpoint).answers)};
  verified.gates = exporter::judge(verified.report, limits);
  if (context.recipe.budget.size_mb > 0.0) verified.gates.push_back(size_gate(context.recipe.budget, model.nog));
  return verified;
}

exporter::ResultTable result_table(const RunContext& context, const IngestedData& data, const TrainedStudent& student,
                                   const ExportedModel& model, const data::ExampleTable& rows, const Baseline& baseline,
                                   CheckpointAnswers& floats, const VerifiedModel& verified) {
  const auto reader = reader_of(context, data);
  TableBuilder builder(context, *reader, rows);
  builder.add(reader->per_token() ? "baseline (words)" : "baseline (n-grams)", baseline.predictions);
  if (reader->traits().has_target) {
    const std::vector<train::Prediction> unchanged(rows.rows(), runtime::SpanAnswer{});
    builder.add("print it unchanged", unchanged);
  }
  builder.add_teacher();
  builder.add("float student", floats.of(student.float_checkpoint));
  if (!student.pruned_checkpoint.empty()) builder.add("pruned", floats.of(student.pruned_checkpoint));
  exporter::TargetResult& quantized = builder.add(kStudentRow, verified.report.answers);
  if (reader->traits().is_classification()) {
    quantized.calibration_error =
        exporter::bootstrap_calibration_error(verified.report.stated.confidences, builder.options());
  }
  for (const exporter::TargetReport& target : verified.report.targets) {
    builder.add(target, verified.report.answers, model);
  }
  const std::string warning = exporter::baseline_warning(reader->scores(rows, baseline.predictions.answers),
                                                         verified.report.training.scores, builder.options());
  if (!warning.empty()) builder.table().warnings.push_back(warning);
  return std::move(builder.table());
}

}  // namespace noggin::tool
