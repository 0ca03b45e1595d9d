// How training went: curves from metrics.jsonl, all phases one after the other.
#include <fmt/format.h>

#include <algorithm>

#include "export/html/plot.h"
#include "export/html/table.h"
#include "export/pages/json_tables.h"
#include "export/pages/phase_curves.h"
#include "export/pages/run_sections.h"

namespace noggin::exporter {
namespace {

using html::Markup;

constexpr int kKinds = 5;  // of lines

struct Chart {
  const char* title;
  const char* what;  // below the title
  bool percent;
  std::initializer_list<std::string_view> figure;
};

// A figure of all phases on one axis of steps, a line per phase, with the borders between phases.
Markup chart_of(const Chart& chart, const PhaseCurves& curves) {
  std::vector<std::vector<html::Point>> lines;
  std::vector<double> values;
  for (const PhaseCurves::Phase& phase : curves.phases) {
    lines.push_back(curves.points(phase, chart.figure));
    for (const html::Point& point : lines.back()) values.push_back(point.y);
  }
  if (values.size() < 2) return {};
  const auto steps = static_cast<double>(std::max<std::uint64_t>(1, curves.steps));
  html::Plot plot(chart.title, fmt::format("{} over {} steps of training", chart.title, curves.steps),
                  {0.0, steps, "step", false}, html::axis_around(values, chart.what, chart.percent));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int kind = static_cast<int>(i) % kKinds + 1;
    plot.line(lines[i], kind);
    if (lines[i].size() < 40)
      for (const html::Point& point : lines[i]) plot.dot(point, kind, fmt::format("step {}: {:.6g}", point.x, point.y));
    if (i > 0) plot.vertical(static_cast<double>(curves.phases[i].first_step), curves.phases[i].name);
  }
  return plot.markup();
}

}  // namespace

Markup training_section(const RunRecord& run) {
  const PhaseCurves curves = phase_curves(run.metrics);
  std::vector<Markup> charts;
  for (const Chart& chart : {Chart{"Loss", "of a batch, every 25 steps", false, {"loss"}},
                             Chart{"Quality on dev", "the measure of the task, %", true, {"dev", "quality"}},
                             Chart{"Cross-entropy on dev", "natural logarithm", false, {"dev", "cross_entropy"}},
                             Chart{"Learning rate", "", false, {"learning_rate"}}}) {
    Markup drawn = chart_of(chart, curves);
    if (!drawn.empty()) charts.push_back(std::move(drawn));
  }
  std::vector<std::string> names;
  for (const PhaseCurves::Phase& phase : curves.phases) names.push_back(phase.name);
  html::Table table(
      {{"phase", false}, {"dev quality %"}, {"before it %"}, {"best step"}, {"of steps"}, {"loss"}, {"seconds"}});
  for (const Json& phase : member(run.results, "phases")) {
    const auto percent = [&phase](const char* key) {
      const double value = number(member(phase, key)).value_or(-1.0);
      return value < 0.0 ? std::string("-") : fmt::format("{:.2f}", 100.0 * value);
    };
    table.add_texts({string(member(phase, "phase")), percent("dev_quality"), percent("first_dev_quality"),
                     words(member(phase, "best_step")), words(member(phase, "steps")),
                     fmt::format("{:.4f}", number(member(phase, "loss")).value_or(0.0)),
                     fmt::format("{:.1f}", number(member(phase, "seconds")).value_or(0.0))});
  }
  Markup markup = html::row_of(charts);
  if (!charts.empty() && names.size() <= kKinds) markup += html::legend(names);
  return table.empty() ? markup : markup + table.markup();
}

}  // namespace noggin::exporter
