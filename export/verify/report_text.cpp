// A verification as JSON for machines and as a table for people.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "export/report/text_table.h"
#include "export/verify/verify.h"

namespace noggin::exporter {
namespace {

bool all_passed(const std::vector<GateResult>& gates) {
  for (const GateResult& gate : gates) {
    if (!gate.passed) return false;
  }
  return true;
}

void add_figures(const TargetReport& target, nlohmann::ordered_json& json) {
  json["rows"] = target.rows;
  json["quality"] = target.primary_metric;
  if (target.classification.rows == 0) return;
  json["accuracy"] = target.classification.accuracy;
  json["in_scope_accuracy"] = target.classification.in_scope_accuracy;
  json["none_recall"] = target.classification.none_recall;
}

nlohmann::ordered_json target_json(const TargetReport& target) {
  nlohmann::ordered_json json{{"name", target.name}, {"ran", target.ran}};
  if (!target.misstatements.empty()) json["misstatements"] = target.misstatements;
  if (!target.ran) {
    json["why_not"] = target.why_not;
    return json;
  }
  add_figures(target, json);
  json["flips"] = target.prediction_changes;
  json["differing_bits_rows"] = target.differing_bits_rows;
  json["max_abs_logit_diff"] = target.max_abs_logit_diff;
  json["first_differing_layer"] = target.first_differing_layer.empty()
                                      ? nlohmann::ordered_json()
                                      : nlohmann::ordered_json(target.first_differing_layer);
  json["median_microseconds"] = target.median_microseconds;
  json["flipped"] = nlohmann::ordered_json::array();
  for (const PredictionChange& change : target.changed_predictions) {
    json["flipped"].push_back(
        {{"id", change.id}, {"text", change.text}, {"expected", change.expected}, {"got", change.got}});
  }
  return json;
}

bool has_classes(const VerifyReport& report) {
  const auto none = [](const TargetReport& target) { return target.classification.none_rows > 0; };
  return none(report.training) || std::ranges::any_of(report.targets, none);
}

std::string percent(double fraction) { return fmt::format("{:.2f} %", 100.0 * fraction); }

}  // namespace

std::string to_json(const VerifyReport& report, const std::vector<GateResult>& gates) {
  nlohmann::ordered_json json{{"quality", report.primary_metric_name}, {"training", nullptr}};
  if (report.trainer_checked) add_figures(report.training, json["training"] = nlohmann::ordered_json::object());
  json["targets"] = nlohmann::ordered_json::array();
  for (const TargetReport& target : report.targets) json["targets"].push_back(target_json(target));
  json["tokenization_differences"] = report.tokenization_differences;
  json["oracle"] = {{"rows", report.oracle_rows},
                    {"values", report.oracle_values},
                    {"violations", report.oracle_violations},
                    {"first_step", report.oracle_worst_step}};
  json["gates"] = nlohmann::ordered_json::array();
  for (const GateResult& gate : gates) {
    json["gates"].push_back({{"name", gate.name}, {"passed", gate.passed}, {"detail", gate.detail}});
  }
  json["passed"] = all_passed(gates);
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_table(const VerifyReport& report, const std::vector<GateResult>& gates) {
  const bool classifies = report.primary_metric_name == "accuracy" && has_classes(report);
  std::vector<std::string> header{"target", "rows", report.primary_metric_name};
  if (classifies) header.insert(header.end(), {"in scope", "none recall"});
  header.insert(header.end(),
                {"flips", "rows with other bits", "max |logit diff|", "first layer that differs", "us per pass"});
  TextTable table(header);
  const auto figures = [&](const std::string& name, const TargetReport& target) {
    std::vector<std::string> row{name, std::to_string(target.rows), percent(target.primary_metric)};
    if (classifies) {
      row.push_back(percent(target.classification.in_scope_accuracy));
      row.push_back(percent(target.classification.none_recall));
    }
    return row;
  };
  const auto add = [&](std::vector<std::string> row, const std::vector<std::string>& rest) {
    row.insert(row.end(), rest.begin(), rest.end());
    row.resize(header.size());
    table.add(std::move(row));
  };
  if (report.trainer_checked) add(figures("trainer (quantized)", report.training), {"-", "-", "-", "-"});
  for (const TargetReport& target : report.targets) {
    if (!target.ran) {
      add({target.name, "not run"}, {});
      continue;
    }
    add(figures(target.name, target),
        {std::to_string(target.prediction_changes), std::to_string(target.differing_bits_rows),
         fmt::format("{:.3g}", target.max_abs_logit_diff),
         target.first_differing_layer.empty() ? "-" : target.first_differing_layer,
         fmt::format("{:.1f}", target.median_microseconds)});
  }
  std::string text = table.text();
  if (!report.trainer_checked) text += "the trainer was not run (no checkpoint): only the runtime is checked\n";
  for (const TargetReport& target : report.targets) {
    if (!target.ran) text += fmt::format("{} did not run: {}\n", target.name, target.why_not);
    for (const PredictionChange& change : target.changed_predictions) {
      text += fmt::format("flip on {}: {} \"{}\": {} -> {}\n", target.name, change.id, change.text, change.expected,
                          change.got);
    }
  }
  for (const GateResult& gate : gates) {
    text += fmt::format("{}  {}: {}\n", gate.passed ? "pass" : "FAIL", gate.name, gate.detail);
  }
  return text;
}

}  // namespace noggin::exporter
