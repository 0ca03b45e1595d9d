#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "format/writer.h"
#include "train/cli/stages.h"
#include "train/loop/failure.h"

namespace noggin::cli {
namespace {

std::int32_t class_of(const std::vector<std::string>& labels, const std::string& name) {
  const auto found = std::find(labels.begin(), labels.end(), name);
  return found == labels.end() ? -1 : static_cast<std::int32_t>(found - labels.begin());
}

// A target's answers: the trainer's, with its listed flips applied.
std::vector<std::int32_t> predictions_of(const exporter::VerifyReport& report, const exporter::TargetReport& target,
                                         const data::RowBlock& rows, const std::vector<std::string>& labels) {
  std::vector<std::int32_t> classes = report.training_predictions;
  std::unordered_map<std::string, std::size_t> row_of;
  const auto name = [](std::string_view id, std::string_view text) { return fmt::format("{}\n{}", id, text); };
  for (std::size_t i = 0; !target.flipped.empty() && i < rows.rows(); ++i) row_of[name(rows.id_of(i), rows.text_of(i))] = i;
  for (const exporter::Flip& flip : target.flipped) {
    const auto row = row_of.find(name(flip.id, flip.text));
    if (row != row_of.end()) classes[row->second] = class_of(labels, flip.got);
  }
  return classes;
}

std::uint64_t size_of(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

class TableBuilder {
 public:
  TableBuilder(const RunContext& context, const IngestedData& data, const data::RowBlock& test)
      : labels_(data.task.labels), none_class_(data.task.none_class), test_(test) {
    table_.name = context.recipe.name;
    table_.rows = test.rows();
    options_.seed = context.recipe.seed;
  }

  exporter::TargetResult& add(const std::string& name, std::span<const std::int32_t> predicted) {
    table_.targets.push_back(exporter::score(name, predicted, test_.label, none_class_, options_));
    return table_.targets.back();
  }

  void add(const std::string& name, const Predictions& predictions) {
    exporter::TargetResult& row = add(name, predictions.classes);
    if (predictions.size_bytes > 0) row.size_bytes = predictions.size_bytes;
    if (predictions.latency_us > 0.0) row.latency_us = predictions.latency_us;
  }

  // Only when the log holds the teacher's answer for every row: a subset would compare other texts.
  void add_teacher() {
    std::vector<std::int32_t> classes;
    for (std::size_t i = 0; i < test_.rows(); ++i) {
      if (test_.has_teacher(i)) classes.push_back(test_.teacher_classes_of(i)[0]);
    }
    if (classes.size() == test_.rows()) add("teacher", classes);
  }

  void add(const exporter::VerifyReport& report, const exporter::TargetReport& target, const ExportedModel& model) {
    const bool onnx = target.name == "onnxruntime";
    const std::string name = onnx ? "ONNX Runtime" : fmt::format(".nog ({})", target.name);
    if (!target.ran) {
      if (!onnx) return;  // an instruction set that this machine lacks is verify's business
      exporter::TargetResult row;
      row.name = name;
      row.note = "not run: " + target.why_not;
      table_.targets.push_back(row);
      return;
    }
    exporter::TargetResult& row = add(name, predictions_of(report, target, test_, labels_));
    row.size_bytes = size_of(onnx ? model.onnx : model.nog);
    if (target.median_microseconds > 0.0) row.latency_us = target.median_microseconds;
  }

  exporter::ResultTable& table() { return table_; }
  const exporter::BootstrapOptions& options() const { return options_; }

 private:
  const std::vector<std::string>& labels_;
  std::int32_t none_class_;
  const data::RowBlock& test_;
  exporter::ResultTable table_;
  exporter::BootstrapOptions options_;
};

}  // namespace

bool VerifiedModel::passed() const {
  return std::all_of(gates.begin(), gates.end(), [](const exporter::GateResult& gate) { return gate.passed; });
}

VerifiedModel verify_stage(RunContext& context, const TrainedStudent& student, const ExportedModel& model,
                           const data::RowBlock& test, const Predictions& float_student,
                           const std::vector<std::string>& targets) {
  train::Progress& progress = context.console.progress();
  exporter::VerifyRequest request;
  request.nog_path = model.nog;
  request.checkpoint_path = student.final_checkpoint;
  request.onnx_path = model.onnx;
  request.rows = test;
  request.targets = targets;
  request.progress = [&progress, stage = std::string()](const std::string& now, std::uint64_t done, std::uint64_t total) mutable {
    if (stage != now) progress.begin("verify " + now, total, "rows");
    stage = now;
    progress.update(done);
  };
  VerifiedModel verified{train::value_or_throw(exporter::verify(request)), {}};
  progress.end();
  const train::GateRecipe& gates = context.recipe.gates;
  const exporter::GateLimits limits{gates.max_flips, gates.required_targets, gates.min_accuracy, gates.max_drop_from_float,
                                    float_student.classes};
  verified.gates = exporter::judge(verified.report, test, limits);
  return verified;
}

exporter::ResultTable result_table(const RunContext& context, const IngestedData& data, const TrainedStudent& student,
                                   const ExportedModel& model, const data::RowBlock& test, const Predictions& baseline,
                                   const Predictions& float_student, const VerifiedModel& verified) {
  TableBuilder builder(context, data, test);
  builder.add("baseline (n-grams)", baseline);
  builder.add_teacher();
  builder.add("float student", float_student);
  if (!student.pruned_checkpoint.empty()) builder.add("pruned", checkpoint_predictions(student.pruned_checkpoint, test));
  const std::vector<data::Confidence> confidences =
      data::confidences(verified.report.training_logits, data.task.labels.size(), test.label);
  builder.add("quantized (trainer)", verified.report.training_predictions).calibration_error =
      exporter::bootstrap_calibration_error(confidences, builder.options());
  for (const exporter::TargetReport& target : verified.report.targets) builder.add(verified.report, target, model);
  const auto baseline_correct = exporter::correct_rows(baseline.classes, test.label);
  const auto student_correct = exporter::correct_rows(verified.report.training_predictions, test.label);
  const std::string warning = exporter::baseline_warning(baseline_correct, student_correct, builder.options());
  if (!warning.empty()) builder.table().warnings.push_back(warning);
  return std::move(builder.table());
}

}  // namespace noggin::cli
