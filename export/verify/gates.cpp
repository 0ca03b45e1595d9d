// The gates that decide whether a verified model may ship.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "export/report/statistics.h"
#include "export/report/text_table.h"
#include "export/verify/targets.h"
#include "export/verify/verify.h"

namespace noggin::exporter {
namespace {

// Trainer and runtime share one arithmetic, so any difference is a bug in export, layout, loading or a kernel.
GateResult bits_gate(const VerifyReport& report) {
  GateResult gate{"trainer and runtime agree to the last bit", true, ""};
  std::uint64_t sets = 0, rows = 0;
  std::string sampled;
  for (const TargetReport& target : report.targets) {
    if (!target.ran || target.name == kOnnxRuntime) continue;
    ++sets;
    rows = std::max(rows, target.rows);
    if (target.rows < report.answers.size()) sampled += fmt::format("; {} on {} of them", target.name, target.rows);
    if (target.differing_bits_rows == 0) continue;
    gate.passed = false;
    gate.detail += fmt::format("{}: {} of {} rows differ, first at {}; ", target.name, target.differing_bits_rows,
                               target.rows, target.first_differing_layer);
  }
  if (report.tokenization_differences > 0) {
    gate.passed = false;
    gate.detail +=
        fmt::format("{} texts are cut into other tokens than in training; ", report.tokenization_differences);
  }
  if (sets == 0) return {gate.name, false, "no kernel set ran"};
  if (gate.passed) {
    gate.detail =
        fmt::format("{} kernel sets, {} rows{}{}", sets, rows, sampled,
                    report.trainer_checked ? "" : "; no checkpoint given, so the runtime was only held against itself");
  }
  return gate;
}

// Another form of the model answers by what its own file states.
GateResult statement_gate(const TargetReport& target) {
  return {target.name + " states how the model answers", target.misstatements.empty(),
          target.misstatements.empty()
              ? "task, labels, temperature, thresholds and spans are the model's"
              : fmt::format("{}. Fix: export both files again", fmt::join(target.misstatements, "; "))};
}

GateResult prediction_changes_gate(const VerifyReport& report, double max_prediction_changes) {
  GateResult gate{"answers that differ", true, ""};
  for (const TargetReport& target : report.targets) {
    if (!target.ran || target.name == kOnnxRuntime) continue;
    if (static_cast<double>(target.prediction_changes) > max_prediction_changes) gate.passed = false;
    gate.detail += fmt::format("{} {}; ", target.name, target.prediction_changes);
  }
  gate.detail += fmt::format("allowed {:.0f}", max_prediction_changes);
  return gate;
}

GateResult oracle_gate(const VerifyReport& report) {
  return {"independent float64 oracle", report.oracle_violations == 0,
          report.oracle_violations == 0
              ? fmt::format("{} values of {} rows inside their tolerance", report.oracle_values, report.oracle_rows)
              : fmt::format("{} of {} values outside, first at {}", report.oracle_violations, report.oracle_values,
                            report.oracle_worst_step)};
}

GateResult required_gate(const VerifyReport& report, const std::string& name) {
  const auto found = std::ranges::find(report.targets, name, &TargetReport::name);
  const bool ran = found != report.targets.end() && found->ran;
  return {"required target " + name + " ran", ran,
          ran                             ? fmt::format("{} rows", found->rows)
          : found == report.targets.end() ? "not among the targets"
                                          : found->why_not};
}

// Non-inferiority: the upper end of the 95 % paired-bootstrap interval of the drop must stay within the margin.
GateResult drop_gate(const VerifyReport& report, const GateLimits& limits) {
  constexpr const char* kName = "not inferior to the best float student";
  if (limits.float_scores.empty()) return {kName, true, "not judged: no answers of the float student"};
  if (!report.trainer_checked) return {kName, true, "not judged: no checkpoint given"};
  if (limits.float_scores.size() != report.training.scores.size()) {
    return {kName, false,
            fmt::format("{} answers for {} rows", limits.float_scores.size(), report.training.scores.size())};
  }
  const Interval drop = bootstrap_drop(limits.float_scores, report.training.scores, {});
  const auto counted =
      std::ranges::count_if(report.training.scores, [](const data::RowScore& row) { return row.of > 0.0; });
  return {kName, drop.high <= limits.max_drop_from_float,
          fmt::format("{} {} points, 95 % interval [{}, {}], allowed down to {}, n {}", report.primary_metric_name,
                      points(-drop.value), points(-drop.high), points(-drop.low), points(-limits.max_drop_from_float),
                      counted)};
}

}  // namespace

std::vector<GateResult> judge(const VerifyReport& report, const GateLimits& limits) {
  std::vector<GateResult> gates{bits_gate(report), prediction_changes_gate(report, limits.max_prediction_changes)};
  for (const TargetReport& target : report.targets) {
    if (target.name == kOnnxRuntime && (target.ran || !target.misstatements.empty()))
      gates.push_back(statement_gate(target));
  }
  if (report.oracle_rows > 0) gates.push_back(oracle_gate(report));
  for (const std::string& name : limits.required_targets) gates.push_back(required_gate(report, name));
  if (limits.min_primary_metric > 0.0) {
    const double primary_metric = report.trainer_checked   ? report.training.primary_metric
                                  : report.targets.empty() ? 0.0
                                                           : report.targets.front().primary_metric;
    gates.push_back(
        {report.primary_metric_name, primary_metric >= limits.min_primary_metric,
         fmt::format("{:.2f} %, at least {:.2f} %", 100 * primary_metric, 100 * limits.min_primary_metric)});
  }
  gates.push_back(drop_gate(report, limits));
  return gates;
}

}  // namespace noggin::exporter
