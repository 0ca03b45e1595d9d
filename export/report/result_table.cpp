#include "export/report/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;

// "93.42 [92.80, 94.01]", in percent.
std::string latency(const std::optional<double>& microseconds) {
  if (!microseconds) return "-";
  return *microseconds < 1000.0 ? fmt::format("{:.0f} us", *microseconds)
                                : fmt::format("{:.2f} ms", *microseconds / 1000.0);
}

// A column and how it is filled for a target.
struct Column {
  std::string title;
  bool (*filled)(const TargetResult&);
  std::string (*cell)(const TargetResult&);
};

const std::vector<Column>& columns() {
  static const std::vector<Column> all = {
      {"in-scope accuracy %", [](const TargetResult& t) { return t.in_scope_accuracy.has_value(); },
       [](const TargetResult& t) { return percent(t.in_scope_accuracy); }},
      {"none-class recall %", [](const TargetResult& t) { return t.none_recall.has_value(); },
       [](const TargetResult& t) { return percent(t.none_recall); }},
      {"macro F1 %", [](const TargetResult& t) { return t.macro_f1.has_value(); },
       [](const TargetResult& t) { return percent(t.macro_f1); }},
      {"calibration error %", [](const TargetResult& t) { return t.calibration_error.has_value(); },
       [](const TargetResult& t) { return percent(t.calibration_error); }},
      {"size", [](const TargetResult& t) { return t.size_bytes.has_value(); },
       [](const TargetResult& t) { return t.size_bytes ? format_bytes(*t.size_bytes) : std::string("-"); }},
      {"latency", [](const TargetResult& t) { return t.latency_us.has_value(); },
       [](const TargetResult& t) { return latency(t.latency_us); }},
      {"", [](const TargetResult& t) { return !t.note.empty(); }, [](const TargetResult& t) { return t.note; }},
  };
  return all;
}

Json to_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

// "span F1" -> "span_f1".
std::string json_key(std::string name) {
  for (char& c : name) c = c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

Json to_json(const TargetResult& target, const std::string& primary_metric_name) {
  Json json = {{"name", target.name}, {"rows", target.rows}};
  if (target.primary_metric) json[json_key(primary_metric_name)] = to_json(*target.primary_metric);
  if (target.in_scope_accuracy) json["in_scope_accuracy"] = to_json(*target.in_scope_accuracy);
  if (target.none_recall) json["none_recall"] = to_json(*target.none_recall);
  if (target.macro_f1) json["macro_f1"] = to_json(*target.macro_f1);
  if (target.calibration_error) json["calibration_error"] = to_json(*target.calibration_error);
  if (target.size_bytes) json["size_bytes"] = *target.size_bytes;
  if (target.latency_us) json["latency_us"] = *target.latency_us;
  if (!target.note.empty()) json["note"] = target.note;
  return json;
}

// The rows whose gold class satisfies `keep`; the others do not count.
template <class Keep>
std::vector<data::RowScore> where(std::span<const data::RowScore> rows, std::span<const std::int32_t> gold,
                                  const Keep& keep) {
  std::vector<data::RowScore> kept(rows.begin(), rows.end());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!keep(gold[i])) kept[i] = {};
  }
  return kept;
}

}  // namespace

TargetResult score(const std::string& name, std::span<const data::RowScore> rows, const BootstrapOptions& options) {
  TargetResult result;
  result.name = name;
  result.rows = rows.size();
  if (!rows.empty()) result.primary_metric = bootstrap_ratio(rows, options);
  return result;
}

void add_classification(TargetResult& target, std::span<const std::int32_t> predicted,
                        std::span<const std::int32_t> gold, std::int32_t none_class, const BootstrapOptions& options) {
  const std::vector<data::RowScore> scores = accuracy_scores(predicted, gold);
  if (scores.empty()) return;
  target.macro_f1 = bootstrap_macro_f1(predicted, gold, options);
  const auto none_rows = std::count(gold.begin(), gold.end(), none_class);
  if (none_class < 0 || none_rows == 0) return;
  if (static_cast<std::size_t>(none_rows) < gold.size()) {
    target.in_scope_accuracy =
        bootstrap_ratio(where(scores, gold, [&](std::int32_t c) { return c != none_class; }), options);
  }
  target.none_recall = bootstrap_ratio(where(scores, gold, [&](std::int32_t c) { return c == none_class; }), options);
}

std::string baseline_warning(std::span<const data::RowScore> baseline, std::span<const data::RowScore> student,
                             const BootstrapOptions& options) {
  const Interval drop = bootstrap_drop(baseline, student, options);
  if (drop.value >= 0.0) {
    return fmt::format("the student does not beat the linear baseline ({} points)", points(-drop.value));
  }
  if (drop.high < 0.0) return {};
  return fmt::format(
      "the student is not clearly better than the linear baseline ({} points, 95 % interval {} "
      "to {}): more rows would tell",
      points(-drop.value), points(-drop.high), points(-drop.low));
}

std::string to_text(const ResultTable& table) {
  std::vector<Column> used;
  for (const Column& column : columns()) {
    if (std::any_of(table.targets.begin(), table.targets.end(), column.filled)) used.push_back(column);
  }
  std::vector<std::string> header = {fmt::format("{} on {} ({} rows)", table.name, table.split, table.rows),
                                     table.primary_metric_name + " % [95 %]"};
  for (const Column& column : used) header.push_back(column.title);
  TextTable text(std::move(header));
  for (const TargetResult& target : table.targets) {
    std::vector<std::string> row = {target.name, percent(target.primary_metric)};
    for (const Column& column : used) row.push_back(column.cell(target));
    text.add(std::move(row));
  }
  std::string result = text.text();
  for (const std::string& warning : table.warnings) result += "warning: " + warning + "\n";
  return result;
}

Json to_json(const ResultTable& table) {
  Json json = {{"name", table.name},
               {"split", table.split},
               {"rows", table.rows},
               {"quality", json_key(table.primary_metric_name)}};
  json["targets"] = Json::array();
  for (const TargetResult& target : table.targets)
    json["targets"].push_back(to_json(target, table.primary_metric_name));
  json["warnings"] = table.warnings;
  return json;
}

}  // namespace noggin::exporter
