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

std::string percent(double quality) { return fmt::format("{:.2f} %", 100.0 * quality); }

// A file that passed its gates.
struct Candidate {
  std::string name, path;
  double dev;      // decides
  double quality;  // on the measured rows
};

// Of equal ones the first is preferred: what answers faster comes first.
std::vector<Candidate> candidates_of(const FinishedRun& run) {
  std::vector<Candidate> candidates;
  const auto add = [&](const char* name, const std::string& path, double dev, const char* row) {
    candidates.push_back({name, path, dev, quality(run.table, row)});
  };
  if (!run.baseline.nog.empty() && all_passed(run.baseline.gates))
    add("the linear model", run.baseline.nog, run.dev.linear, kBaselineFileRow);
  if (run.static_student != nullptr && run.static_student->verified.passed())
    add("the static student", run.static_student->model.nog, run.dev.static_student, kStaticRow);
  // A tagger's linear model cannot become a file: nothing is offered where the student is not better.
  const bool beaten_by_words = !run.table.warnings.empty() && run.baseline.nog.empty();
  if (run.verified.passed() && !beaten_by_words) add("the student", run.model.nog, run.dev.student, kStudentRow);
  return candidates;
}

// "export/model.nog (485 KB, accuracy 96.08 % on dev): the student; the linear model has 93.10 %". On test the chosen
// one need not be the best.
std::string offer(const Candidate& chosen, const std::vector<Candidate>& candidates, const FinishedRun& run) {
  std::error_code error;
  std::string text = fmt::format("{} ({}, {} {} on {}): {}", chosen.path,
                                 exporter::format_bytes(std::filesystem::file_size(chosen.path, error)),
                                 run.table.primary_metric_name, percent(chosen.quality), run.table.split, chosen.name);
  const char* separator = "; ";
  for (const Candidate& other : candidates) {
    if (other.path == chosen.path) continue;
    text += fmt::format("{}{} has {}", separator, other.name, percent(other.quality));
    separator = ", ";
  }
  if (!run.verified.passed()) text += "; the student failed its gates";
  return text;
}

// Gives the files of a model that failed its gates another name, in the list of outputs too. Returns that of the .nog.
std::string renamed(const ExportedModel& model, Summary& summary) {
  std::vector<std::string> files = {model.nog};
  if (!model.onnx.empty()) files.push_back(model.onnx);
  for (const std::string& file : files) std::ranges::replace(summary.outputs, file, rejected_name(file));
  return reject(files)[0];
}

// In agreement with the exit code: a student that failed its gates gets another name.
void report_gates(const FinishedRun& run, Summary& summary) {
  if (run.verified.passed()) {
    summary.figures = {{"gates", "passed"}};
    if (!run.table.warnings.empty()) summary.figures.emplace_back("but", run.table.warnings[0]);  // no gate asks for it
    return;
  }
  summary.figures = {{"gates", "failed: " + failed_gates(run.verified)},
                     {"rejected", renamed(run.model, summary) + ": it may not ship, so it has another name"}};
}

void report_static(const StaticStudent& small, Summary& summary) {
  summary.outputs.push_back(small.model.nog);
  if (small.verified.passed()) return;
  summary.figures.emplace_back("static student", fmt::format("failed: {}; it is {}", failed_gates(small.verified),
                                                             renamed(small.model, summary)));
}

}  // namespace

Summary summary_of(const Arguments& arguments, const RunContext& context, const FinishedRun& run) {
  Summary summary{{arguments.files()[0]}, run.model.outputs(), {}, ""};
  if (const Baseline& linear = run.baseline; !linear.nog.empty())
    summary.outputs.insert(summary.outputs.end(), {linear.nog, linear.parity});
  report_gates(run, summary);
  if (run.static_student != nullptr) report_static(*run.static_student, summary);
  const std::vector<Candidate> candidates = candidates_of(run);
  const auto best = std::ranges::max_element(candidates, {}, &Candidate::dev);
  if (best != candidates.end()) summary.figures.emplace_back("worth shipping", offer(*best, candidates, run));
  if (best == candidates.end() || !run.verified.passed())
    summary.next = shell_command({"noggin", "eval", context.run.path()});
  else if (context.measured == HeldOut::kDev)
    summary.next = recipe_command("run", arguments, context.run.path(), {"--final"});
  else
    summary.next = "echo \"some text\" | " + shell_command({"noggin-run", best->path});
  return summary;
}

}  // namespace noggin::tool
