#include "train/cli/compress/search_report.h"

#include <fmt/format.h>

#include "export/report/text_table.h"
#include "train/cli/budget.h"

namespace noggin::tool {
namespace {

using train::Trial;

std::string share_text(double removed) {
  return removed > 0.0 ? fmt::format("{:.0f}", 100.0 * removed) : std::string("-");
}

std::string microseconds(double time) { return time > 0.0 ? fmt::format("{:.1f}", time) : std::string("-"); }

// How far the prediction is off, in percent of the clock.
std::string error_of(const Trial& trial) {
  if (trial.predicted_us <= 0.0 || trial.measured_us <= 0.0) return "-";
  return fmt::format("{:+.0f}", 100.0 * (trial.predicted_us / trial.measured_us - 1.0));
}

}  // namespace

std::string table_of(const SearchResult& result, const std::string& metric) {
  exporter::TextTable table({"trial", "steps", metric + " % on dev", "bytes", "us", "predicted us", "error %", "layers",
                             "neurons removed %", "heads removed %"});
  if (result.whole)
    table.add({"float student", "", exporter::percent(result.whole->dev), train::format_count(result.whole->bytes), "-",
               "-", "-", "", "", ""});
  if (result.linear_tagger)
    table.add({"linear model, no file", "", exporter::percent(result.linear_tagger), "-", "-", "-", "-", "", "", ""});
  for (const Trial& trial : result.trials) {
    const bool student = trial.kind == train::CandidateKind::kStudent;
    table.add({trial.shape, student ? fmt::format("{:.0f} %", 100.0 * trial.length) : std::string("-"),
               exporter::percent(trial.dev), train::format_count(trial.bytes), microseconds(trial.measured_us),
               microseconds(trial.predicted_us), error_of(trial), student ? std::to_string(trial.layers) : "-",
               share_text(trial.ffn_share), share_text(trial.heads_share)});
  }
  return table.text();
}

Json to_json(const SearchResult& result) {
  Json json = Json::object();
  const auto interval = [](const exporter::Interval& dev) {
    return Json{{"value", dev.value}, {"low", dev.low}, {"high", dev.high}};
  };
  if (result.whole)
    json["float_student"] = {
        {"dev", interval(result.whole->dev)}, {"bytes", result.whole->bytes}, {"run", result.whole->run}};
  if (result.linear_tagger) json["linear_model"] = {{"dev", interval(*result.linear_tagger)}};
  json["trials"] = Json::array();
  for (const Trial& trial : result.trials) json["trials"].push_back(train::to_json(trial));
  json["best"] = result.best ? train::to_json(*result.best) : Json();
  json["reason"] = result.reason;
  return json;
}

Json sizes_json(const exporter::Frontier& frontier) {
  Json sizes = Json::array();
  for (const double size : frontier.sizes_mb) {
    const exporter::FrontierPoint* best = exporter::best_within(frontier, budget_bytes({.size_mb = size}));
    sizes.push_back({{"size_mb", size}, {"best", best == nullptr ? Json() : Json(best->name)}});
  }
  return sizes;
}

exporter::Frontier frontier_report(const SearchResult& result, const std::vector<double>& sizes_mb,
                                   const std::string& title, const std::string& metric) {
  exporter::Frontier frontier{title, metric, sizes_mb, {}};
  for (const Trial& trial : result.trials)
    if (trial.length == 1.0)
      frontier.points.push_back({trial.name, train::name_of(trial.kind), trial.bytes, trial.measured_us, trial.dev});
  return frontier;
}

}  // namespace noggin::tool
