// The choices that a cascade offers, as a table in text and JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "export/report/cascade.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using Json = nlohmann::ordered_json;

struct Rows {
  std::span<const data::Confidence> answers;
  std::span<const std::uint8_t> teacher_right;
  const CascadeWishes& wishes;
};

Interval fraction_of(std::span<const std::uint8_t> correct, const BootstrapOptions& options) {
  std::vector<data::RowScore> scores;
  for (const std::uint8_t row : correct) scores.push_back({row != 0 ? 1.0 : 0.0, 1.0});
  return bootstrap_ratio(scores, options);
}

// If the teacher's answers are not known, the student's own: valid for all rows only if none is passed on.
std::optional<Interval> whole_accuracy(const Rows& rows, const OperatingPoint& point) {
  if (rows.answers.empty()) return std::nullopt;
  if (rows.teacher_right.size() == rows.answers.size()) {
    const auto correct = cascade_correct(rows.answers, rows.teacher_right, point.abstain_below);
    return fraction_of(correct, rows.wishes.bootstrap);
  }
  if (point.answered < point.rows) return std::nullopt;
  std::vector<std::uint8_t> own;
  for (const data::Confidence& answer : rows.answers) own.push_back(answer.right ? 1 : 0);
  return fraction_of(own, rows.wishes.bootstrap);
}

CascadeRow choice(const Rows& rows, std::string name, const std::optional<OperatingPoint>& point) {
  CascadeRow row;
  row.name = std::move(name);
  row.point = point;
  if (!point) {
    row.note = "no threshold reaches it";
    return row;
  }
  row.accuracy = whole_accuracy(rows, *point);
  if (rows.wishes.prices) row.cost_per_thousand = cost_per_thousand(*point, *rows.wishes.prices);
  return row;
}

CascadeRow teacher_alone(const Rows& rows) {
  CascadeRow row;
  row.name = "teacher alone";
  if (rows.teacher_right.empty()) {
    row.note = "its answers on these rows are not known";
  } else {
    row.accuracy = fraction_of(rows.teacher_right, rows.wishes.bootstrap);
  }
  if (rows.wishes.prices) row.cost_per_thousand = 1000.0 * rows.wishes.prices->teacher;
  return row;
}

std::string percent(double fraction) { return fmt::format("{:.2f}", 100.0 * fraction); }

std::vector<std::string> cells(const CascadeRow& row) {
  std::vector<std::string> texts = {row.name, "-", "-", "-", "-"};
  if (row.point) {
    texts[1] = fmt::format("{:.4f}", row.point->abstain_below);
    texts[2] = percent(row.point->coverage());
    if (row.point->answered > 0) texts[3] = percent(row.point->accuracy());
    if (row.point->answered > 0) texts[4] = percent(row.point->accuracy_low());
  }
  texts.push_back(percent(row.accuracy));
  texts.push_back(row.cost_per_thousand ? fmt::format("{:.4g}", *row.cost_per_thousand) : "-");
  texts.push_back(row.note);
  return texts;
}

Json to_json(const OperatingPoint& point) {
  return {{"abstain_below", point.abstain_below},
          {"coverage", point.coverage()},
          {"answered", point.answered},
          {"right", point.right},
          {"accuracy", point.accuracy()}};
}

Json to_json(const CascadeRow& row) {
  Json json = {{"name", row.name}};
  if (row.point) {
    json.update(to_json(*row.point));
    json["accuracy_low"] = row.point->accuracy_low();
    json["escalation"] = 1.0 - row.point->coverage();
  }
  if (row.accuracy) {
    json["cascade_accuracy"] = {
        {"value", row.accuracy->value}, {"low", row.accuracy->low}, {"high", row.accuracy->high}};
  }
  if (row.cost_per_thousand) json["cost_per_thousand"] = *row.cost_per_thousand;
  if (!row.note.empty()) json["note"] = row.note;
  return json;
}

}  // namespace

CascadeReport cascade_report(std::span<const data::Confidence> answers, std::span<const std::uint8_t> teacher_right,
                             const CascadeWishes& wishes) {
  const Rows rows{answers, teacher_right, wishes};
  CascadeReport report;
  report.rows = answers.size();
  report.curve = risk_coverage(answers);
  report.choices = {choice(rows, "student alone", operating_point(answers, 0.0F)), teacher_alone(rows)};
  const char* kind = wishes.rule == AccuracyRule::kLowerBound ? "accuracy, at 95 % confidence," : "accuracy";
  for (const double wish : wishes.accuracies) {
    report.choices.push_back(choice(rows, fmt::format("{} >= {:.4g} %", kind, 100.0 * wish),
                                    threshold_for_accuracy(answers, wish, wishes.rule)));
  }
  for (const double wish : wishes.escalation_rates) {
    report.choices.push_back(
        choice(rows, fmt::format("escalation <= {:.4g} %", 100.0 * wish), threshold_for_escalation(answers, wish)));
  }
  return report;
}

std::string to_text(const CascadeReport& report) {
  TextTable table({fmt::format("cascade on {} rows", report.rows), "threshold", "answered %", "accuracy of these %",
                   "95 % lower bound", "accuracy of all % [95 %]", "cost per 1000", ""});
  for (const CascadeRow& row : report.choices) table.add(cells(row));
  return table.text() +
         fmt::format("area under risk by coverage: {:.3f} % (the smallest with these answers: {:.3f} %)\n",
                     100.0 * report.curve.area, 100.0 * report.curve.smallest_area);
}

Json to_json(const CascadeReport& report) {
  Json json = {{"rows", report.rows},
               {"area_under_risk", report.curve.area},
               {"smallest_area_under_risk", report.curve.smallest_area}};
  json["curve"] = Json::array();
  for (const OperatingPoint& point : report.curve.points) json["curve"].push_back(to_json(point));
  json["choices"] = Json::array();
  for (const CascadeRow& row : report.choices) json["choices"].push_back(to_json(row));
  return json;
}

}  // namespace noggin::exporter
