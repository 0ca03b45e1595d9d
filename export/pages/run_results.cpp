// What came out: the result table, the figures of the task, probabilities, abstaining.
#include <fmt/format.h>

#include <algorithm>

#include "export/html/plot.h"
#include "export/html/table.h"
#include "export/pages/json_tables.h"
#include "export/pages/run_sections.h"
#include "export/pages/shares.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using html::Markup;
using html::Table;
using html::text;

// Measures of a row that are intervals, in the order of the rows that have them.
std::vector<std::string> measures_of(const Json& rows) {
  std::vector<std::string> keys;
  for (const Json& row : rows) {
    if (!row.is_object()) continue;
    for (const auto& [key, value] : row.items())
      if (interval(value) && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  return keys;
}

std::string latency(const Json& microseconds) {
  const auto value = number(microseconds);
  return value ? fmt::format("{:.1f} us", *value) : std::string("-");
}

double mean(double sum, std::uint64_t rows) { return sum / static_cast<double>(rows); }

Markup reliability_chart(const MeasuredRows& measured) {
  html::Plot plot("Reliability",
                  fmt::format("Share of right {} by stated probability; on the diagonal both are the same",
                              measured.reliability_of),
                  {0.0, 1.0, "stated probability, %", true}, {0.0, 1.0, "right, %, with 95 % intervals", true});
  plot.diagonal();
  for (const data::CalibrationBin& bin : measured.reliability) {
    if (bin.rows == 0) continue;
    const double stated = mean(bin.probability, bin.rows), right = mean(bin.outcome, bin.rows);
    const Interval range = share_interval(bin.outcome, bin.rows);
    if (measured.outcomes_are_counts) plot.interval(stated, range.low, range.high, 1);
    plot.dot({stated, right}, 1,
             fmt::format("n = {}: stated {:.2f} %, right {:.2f} %", bin.rows, 100 * stated, 100 * right));
  }
  return plot.markup();
}

Markup probability_histogram(const MeasuredRows& measured) {
  double whole = 0.0, most = 0.0;
  for (const data::CalibrationBin& bin : measured.reliability) whole += static_cast<double>(bin.rows);
  for (const data::CalibrationBin& bin : measured.reliability)
    most = std::max(most, static_cast<double>(bin.rows) / std::max(1.0, whole));
  html::Plot plot("Stated probabilities", "How often each probability is stated",
                  {0.0, 1.0, "stated probability, %", true},
                  {0.0, std::max(0.01, 1.06 * most), fmt::format("share of {}, %", measured.reliability_of), true});
  const auto bins = static_cast<double>(measured.reliability.size());
  for (std::size_t i = 0; i < measured.reliability.size(); ++i)
    plot.band(static_cast<double>(i) / bins, static_cast<double>(i + 1) / bins,
              static_cast<double>(measured.reliability[i].rows) / std::max(1.0, whole), 1);
  return plot.markup();
}

Markup reliability_table(const MeasuredRows& measured) {
  Table table(
      {{"stated %"}, {"n"}, {"mean stated %"}, {measured.outcomes_are_counts ? "right % [95 %]" : "mean gold %"}});
  const auto bins = static_cast<double>(measured.reliability.size());
  for (std::size_t i = 0; i < measured.reliability.size(); ++i) {
    const data::CalibrationBin& bin = measured.reliability[i];
    if (bin.rows == 0) continue;
    table.add_texts({fmt::format("{:.0f} to {:.0f}", 100.0 * static_cast<double>(i) / bins,
                                 100.0 * static_cast<double>(i + 1) / bins),
                     fmt::format("{}", bin.rows), fmt::format("{:.2f}", 100.0 * mean(bin.probability, bin.rows)),
                     measured.outcomes_are_counts ? percent(share_interval(bin.outcome, bin.rows))
                                                  : fmt::format("{:.2f}", 100.0 * mean(bin.outcome, bin.rows))});
  }
  return table.markup();
}

Markup risk_chart(const RiskCoverage& curve, const std::optional<OperatingPoint>& stored) {
  std::vector<html::Point> risk;
  std::vector<double> values = {0.0};
  for (const OperatingPoint& point : curve.points) {
    if (point.answered == 0) continue;
    risk.push_back({point.coverage(), 1.0 - point.accuracy()});
    values.push_back(risk.back().y);
  }
  html::Axis height = html::axis_around(values, "wrong among the answered, %", true);
  height.low = 0.0;
  html::Plot plot("Risk by coverage", "Share of wrong answers by the share of texts that are answered",
                  {0.0, 1.0, "answered, %", true}, height);
  plot.line(risk, 1);
  if (stored) {
    plot.vertical(stored->coverage(), fmt::format("stored threshold {:.4f}", stored->abstain_below));
    plot.dot({stored->coverage(), 1.0 - stored->accuracy()}, 2);
  }
  return plot.markup();
}

// What a figure of a task holds: intervals by name, then lists and nested objects with a heading.
Markup figure_tables(const Json& figures) {
  Markup markup = facts_of(figures);
  if (!figures.is_object()) return markup;
  for (const auto& [name, value] : figures.items()) {
    if (interval(value) || !value.is_structured() || name == "confusions") continue;
    Markup inner;
    if (value.is_array())
      inner = table_of(value);
    else
      inner = name == "types" ? table_of(list_of(value, "type")) : figure_tables(value);
    if (!inner.empty()) markup += html::element("h3", text(spoken(name))) + inner;
  }
  return markup;
}

}  // namespace

Markup results_section(const RunRecord& run) {
  const Json& rows = member(run.results, "targets");
  const std::vector<std::string> measures = measures_of(rows);
  if (measures.empty()) return {};
  std::vector<html::Column> columns = {{"", false}, {"", false}};
  for (const std::string& measure : measures) columns.push_back({spoken(measure) + " %"});
  columns.insert(columns.end(), {{"n"}, {"size"}, {"latency"}, {"", false}});
  Table table(columns);
  for (const Json& row : rows) {
    const auto quality = interval(member(row, quality_key(run)));
    std::vector<Markup> cells = {text(string(member(row, "name"))), quality ? html::bar(quality->value) : Markup()};
    for (const std::string& measure : measures) cells.push_back(text(percent(interval(member(row, measure)))));
    const std::uint64_t bytes = count(member(row, "size_bytes"));
    for (const std::string& cell : {words(member(row, "rows")), bytes > 0 ? format_bytes(bytes) : std::string("-"),
                                    latency(member(row, "latency_us")), string(member(row, "note"))})
      cells.push_back(text(cell));
    table.add(std::move(cells), &row == &student_row(run));
  }
  std::string note = fmt::format(
      "Intervals are 95 %, from a bootstrap over the rows of {} (n in the table), one seed of training. Latency is the "
      "median of one text on one thread of the machine of this run.",
      words(member(run.results, "split")));
  if (run.measured.none_rows > 0)
    note += fmt::format(" In scope are {} rows, of the class \"none\" {}.", rows_of(run, "in_scope_accuracy"),
                        run.measured.none_rows);
  return table.markup() + html::paragraph(note);
}

Markup figures_section(const RunRecord& run) {
  const Markup tables = figure_tables(member(run.results, "figures"));
  return tables.empty() ? tables
                        : tables + html::paragraph(fmt::format("n = {} rows of {}; intervals are 95 %.",
                                                               run.measured.rows, words(member(run.results, "split"))));
}

Markup probability_section(const RunRecord& run) {
  if (run.measured.reliability.empty()) return {};
  Markup markup = html::row_of({reliability_chart(run.measured), probability_histogram(run.measured)});
  const auto error = interval(member(student_row(run), "calibration_error"));
  if (error)
    markup +=
        html::paragraph(fmt::format("Expected calibration error {} % (95 % interval, {} bins, n = {}).", percent(error),
                                    run.measured.reliability.size(), run.measured.rows_with_gold));
  else
    markup += html::paragraph(
        fmt::format("Of {}, on {} rows with gold.", run.measured.reliability_of, run.measured.rows_with_gold));
  return markup + reliability_table(run.measured);
}

Markup abstaining_section(const RunRecord& run) {
  if (!run.measured.risk || run.measured.risk->points.empty()) return {};
  const RiskCoverage& curve = *run.measured.risk;
  Markup markup = html::row_of({risk_chart(curve, run.measured.stored)});
  if (const auto& stored = run.measured.stored) {
    const auto right = static_cast<double>(stored->right);
    markup +=
        html::paragraph(fmt::format("The file abstains below a probability of {:.4f}: it answers {} of {} texts "
                                    "({:.2f} %), and of these {} % are right "
                                    "(exact 95 % interval).",
                                    stored->abstain_below, stored->answered, stored->rows, 100.0 * stored->coverage(),
                                    percent(share_interval(right, stored->answered))));
  } else {
    markup += html::paragraph("The file has no threshold: it answers every text.");
  }
  markup +=
      html::paragraph(fmt::format("Area under risk by coverage: {:.3f} % (the smallest with these answers: {:.3f} %).",
                                  100.0 * curve.area, 100.0 * curve.smallest_area));
  const Markup choices = table_of(member(run.cascade, "choices"),
                                  {.keys = {"name", "abstain_below", "coverage", "answered", "accuracy", "accuracy_low",
                                            "cascade_accuracy", "cost_per_thousand", "note"},
                                   .shares = {"coverage", "accuracy", "accuracy_low"}});
  if (!choices.empty())
    markup +=
        html::element(
            "h3", text(fmt::format("Thresholds to choose from, on dev (n = {})", words(member(run.cascade, "rows"))))) +
        choices;
  return markup;
}

}  // namespace noggin::exporter
