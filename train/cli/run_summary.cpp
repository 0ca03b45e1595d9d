#include "train/cli/run_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "export/report/text_table.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/shell_words.h"
#include "train/cli/shipping.h"

namespace noggin::tool {
namespace {

std::string failed_gates(const VerifiedModel& verified) {
  std::string text;
  for (const exporter::GateResult& gate : verified.gates) {
    if (!gate.passed) text += (text.empty() ? "" : "; ") + gate.name + ": " + gate.detail;
  }
  return text;
}

bool all_passed(const std::vector<exporter::GateResult>& gates) {
  return std::ranges::all_of(gates, &exporter::GateResult::passed);
}

double quality(const exporter::ResultTable& table, const std::string& target) {
  const auto row = std::ranges::find(table.targets, target, &exporter::TargetResult::name);
  return row == table.targets.end() || !row->primary_metric ? 0.0 : row->primary_metric->value;
}

// "export/model.nog (485 KB, accuracy 96.08 % on dev)"
std::string offer(const std::string& path, const exporter::ResultTable& table, double quality) {
  std::error_code error;
  return fmt::format("{} ({}, {} {:.2f} % on {})", path,
                     exporter::format_bytes(std::filesystem::file_size(path, error)), table.primary_metric_name,
                     100.0 * quality, table.split);
}

std::string try_out(const std::string& nog) { return "echo \"some text\" | " + shell_command({"noggin-run", nog}); }

}  // namespace

Summary summary_of(const Arguments& arguments, const RunContext& context, const FinishedRun& run) {
  Summary summary{{arguments.files()[0]}, run.model.outputs(), {}, ""};
  const std::string& linear = run.baseline.nog;
  if (!linear.empty()) summary.outputs.insert(summary.outputs.end(), {linear, run.baseline.parity});
  if (!run.verified.passed()) {
    std::vector<std::string> models = {run.model.nog};
    if (!run.model.onnx.empty()) models.push_back(run.model.onnx);
    for (const std::string& file : models) std::ranges::replace(summary.outputs, file, rejected_name(file));
    summary.figures = {{"gates", "failed: " + failed_gates(run.verified)},
                       {"rejected", reject(models)[0] + ": it may not ship, so it has another name"}};
    summary.next = shell_command({"noggin", "eval", context.run.path()});
    if (!linear.empty() && all_passed(run.baseline.gates)) {
      summary.figures.emplace_back("worth shipping", offer(linear, run.table, quality(run.table, kBaselineFileRow)) +
                                                         ": the linear model, because the student failed");
    }
    return summary;
  }
  summary.figures = {{"gates", "passed"}};
  if (!run.table.warnings.empty()) summary.figures.emplace_back("but", run.table.warnings[0]);  // no gate asks for it
  const double student = quality(run.table, kStudentRow), baseline = quality(run.table, kBaselineFileRow);
  const bool linear_ships = !linear.empty() && !run.table.warnings.empty() && baseline >= student;
  const std::string& shipped = linear_ships ? linear : run.model.nog;
  std::string sentence = offer(shipped, run.table, linear_ships ? baseline : student);
  if (linear_ships) sentence += fmt::format(": the linear model, because the student has {:.2f} %", 100.0 * student);
  if (!linear_ships && !run.table.warnings.empty() && !linear.empty())
    sentence += fmt::format(": as a file the linear model has {:.2f} %", 100.0 * baseline);
  // A tagger's linear model cannot become a file: nothing is offered where the student is not better.
  const bool offered = run.table.warnings.empty() || !linear.empty();
  if (offered) summary.figures.emplace_back("worth shipping", sentence);
  if (!offered)
    summary.next = shell_command({"noggin", "eval", context.run.path()});
  else if (context.measured == HeldOut::kDev)
    summary.next = recipe_command("run", arguments, context.run.path(), {"--final"});
  else
    summary.next = try_out(shipped);
  return summary;
}

}  // namespace noggin::tool
