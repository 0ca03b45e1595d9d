// Where a model errs, what its file holds, what proves it, what was not measured, and on which machine.
#include <fmt/format.h>

#include <algorithm>

#include "export/html/table.h"
#include "export/pages/json_tables.h"
#include "export/pages/page_parts.h"
#include "export/pages/run_sections.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using html::Markup;
using html::Table;
using html::text;

constexpr std::size_t kMostFlips = 20;

Markup worst_rows(const MeasuredRows& measured, const PageOptions& options) {
  if (measured.worst.empty()) return {};
  const bool quotes = options.texts || !measured.answers_quote_texts;
  std::vector<html::Column> columns = {{"row", false}};
  if (options.texts) columns.push_back({"text", false});
  if (quotes) columns.insert(columns.end(), {{"gold", false}, {"answer", false}});
  columns.push_back({"probability of gold"});
  Table table(columns);
  for (const WorstRow& row : measured.worst) {
    std::vector<Markup> cells = {text(row.id)};
    if (options.texts) cells.push_back(html::element("div", {{"class", "long"}}, text(shown_text(row.text))));
    if (quotes) cells.insert(cells.end(), {text(row.gold), text(row.answered)});
    cells.push_back(text(row.gold_probability < 0.0 ? std::string("-") : fmt::format("{:.6f}", row.gold_probability)));
    table.add(std::move(cells));
  }
  return html::element("h3", text("Worst rows")) + table.markup();
}

Markup flips_of(const Json& targets, const PageOptions& options) {
  Table table({{"target", false}, {"row", false}, {"text", false}, {"trainer", false}, {"target's answer", false}});
  std::size_t shown = 0;
  for (const Json& target : targets)
    for (const Json& flip : member(target, "flipped"))
      if (options.texts && shown++ < kMostFlips)
        table.add_texts({string(member(target, "name")), string(member(flip, "id")),
                         shown_text(string(member(flip, "text"))), words(member(flip, "expected")),
                         words(member(flip, "got"))});
  return table.empty() ? Markup() : html::element("h3", text("Changed answers")) + table.markup();
}

Markup target_table(const RunRecord& run) {
  Table table({{"target", false},
               {"result", false},
               {"rows"},
               {"quality %"},
               {"changed answers"},
               {"rows with other bits"},
               {"largest difference"},
               {"first step that differs", false},
               {"median"}});
  for (const Json& target : member(run.certificate, "targets")) {
    const std::string name = string(member(target, "name"));
    if (!yes(member(target, "ran"))) {
      table.add_texts({name, "not run", "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    const bool equal = count(member(target, "differing_bits_rows")) == 0;
    table.add_texts({name, equal ? "equal to the last bit" : "bits differ", words(member(target, "rows")),
                     fmt::format("{:.2f}", 100.0 * number(member(target, "quality")).value_or(0.0)),
                     words(member(target, "flips")), words(member(target, "differing_bits_rows")),
                     words(member(target, "max_abs_logit_diff")), words(member(target, "first_differing_layer")),
                     fmt::format("{:.1f} us", number(member(target, "median_microseconds")).value_or(0.0))});
  }
  return table.empty() ? Markup() : table.markup();
}

Markup gate_table(const RunRecord& run) {
  Table table({{"gate", false}, {"", false}, {"numbers", false}});
  for (const Json& gate : member(run.certificate, "gates"))
    table.add_texts({string(member(gate, "name")), yes(member(gate, "passed")) ? "passed" : "FAILED",
                     words(member(gate, "detail"))});
  return table.empty() ? Markup() : html::element("h3", text("Gates")) + table.markup();
}

// The hashes that the certificate names, and the figures that it states of each target.
Markup bindings(const Json& certificate) {
  const Json& subject = member(certificate, "subject");
  const std::vector<std::string> hashes = {"what", "file", "count", "content_hash", "xxh3", "sha256"};
  return with_heading("What the certificate is bound to",
                      table_of(list_of(subject, "what"), {.keys = hashes}) +
                          table_of(member(subject, {"rows", "files"}), {.keys = hashes})) +
         with_heading("Figures that it states",
                      table_of(list_of(member(certificate, "statistics"), "target"),
                               {.keys = {"target", "metric", "n", "value", "low", "high", "method"},
                                .shares = {"value", "low", "high"}}));
}

Markup items(const std::vector<std::string>& lines) {
  Markup list;
  for (const std::string& line : lines) list += html::element("li", text(line));
  return list.empty() ? list : html::element("ul", list);
}

bool has_row(const RunRecord& run, std::string_view name) {
  return std::ranges::any_of(member(run.results, "targets"),
                             [name](const Json& row) { return string(member(row, "name")).starts_with(name); });
}

}  // namespace

Markup errors_section(const RunRecord& run, const PageOptions& options) {
  Markup markup;
  if (const auto& matrix = run.measured.confusions; matrix && !matrix->names.empty())
    markup += html::heat_table({"gold \\ answered", matrix->names, matrix->counts});
  const Markup pairs = table_of(member(run.results, {"figures", "confusions", "pairs"}),
                                {.keys = {"gold", "answered", "count", "share", "example"}, .shares = {"share"}});
  if (!pairs.empty()) markup += html::element("h3", text("Most frequent confusions")) + pairs;
  return markup + worst_rows(run.measured, options);
}

Markup file_section(const RunRecord& run) {
  Table table({{"part of " + run.file.name, false}, {"", false}, {"bytes"}, {"%"}});
  const auto whole = static_cast<double>(std::max<std::uint64_t>(1, run.file.bytes));
  for (const auto& [name, bytes] : run.file.parts) {
    const double share = static_cast<double>(bytes) / whole;
    table.add(
        {text(name), html::bar(share), text(fmt::format("{}", bytes)), text(fmt::format("{:.1f}", 100.0 * share))});
  }
  if (table.empty()) return {};
  return table.markup() +
         html::paragraph(fmt::format("{} bytes in all; {} pieces of vocabulary, at most {} tokens a text. Times "
                                     "per target stand below, medians on the machine of this run.",
                                     run.file.bytes, run.file.vocabulary, run.file.max_tokens));
}

Markup proof_section(const RunRecord& run, const PageOptions& options) {
  const Markup targets = target_table(run);
  if (targets.empty()) return {};
  const Json& oracle = member(run.certificate, "oracle");
  const std::string checked =
      count(member(oracle, "rows")) == 0
          ? std::string("The independent oracle was not run.")
          : fmt::format(
                "The independent oracle compared {} values of {} rows with float64: {} outside their tolerance.",
                words(member(oracle, "values")), words(member(oracle, "rows")), words(member(oracle, "violations")));
  return targets + html::paragraph(checked) + gate_table(run) + flips_of(member(run.certificate, "targets"), options) +
         bindings(run.certificate);
}

Markup missing_section(const RunRecord& run) {
  std::vector<std::string> lines;
  for (const Json& target : member(run.certificate, "targets"))
    if (!yes(member(target, "ran")))
      lines.push_back(fmt::format("{}: not run, {}", string(member(target, "name")), words(member(target, "why_not"))));
  if (string(member(run.results, "split")) != "test")
    lines.emplace_back("test: not measured (`noggin run --final` does)");
  if (!has_row(run, "teacher"))
    lines.emplace_back("teacher: not in the table, for the log has no answer of it to every row");
  if (!has_row(run, "static student")) lines.emplace_back("static student: not trained");
  if (run.measured.rows_with_gold < run.measured.rows)
    lines.push_back(fmt::format("{} of {} measured rows have no gold: they count in no figure of quality",
                                run.measured.rows - run.measured.rows_with_gold, run.measured.rows));
  if (run.measured.reliability.empty())
    lines.emplace_back("reliability of probabilities: not measured for this task or these rows");
  lines.emplace_back("other machines: `noggin-run " + run.file.name + " --verify parity.jsonl` proves equality there");
  lines.emplace_back("other seeds of training: not run; intervals are over rows alone");
  return items(lines);
}

Markup environment_section(const RunRecord& run) {
  Markup markup = facts_of(run.environment);
  if (!run.settings.empty()) markup += html::element("h3", text("Settings of the recipe")) + html::facts(run.settings);
  return markup;
}

}  // namespace noggin::exporter
