#include "export/pages/compare_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/html/table.h"
#include "export/pages/json_tables.h"
#include "export/pages/page_parts.h"
#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using html::Markup;
using html::Table;
using html::text;

constexpr std::size_t kMostChangedRows = 40;

html::Tone tone_of(const std::string& verdict) {
  if (verdict == "better" || verdict == "equivalent") return html::Tone::kGood;
  return verdict == "worse" ? html::Tone::kBad : html::Tone::kNote;
}

Markup lead_of(const Json& comparison, const PageOptions& options) {
  const std::string verdict = string(member(comparison, "verdict"));
  Markup lead = text_notice(options, "rows whose answer changed");
  lead += html::notice(tone_of(verdict), html::element("b", text("Verdict: " + verdict + ".")) +
                                             text(" " + string(member(comparison, "because"))));
  const Json& rows = member(comparison, "rows");
  return lead + html::facts({{"task", spoken(string(member(comparison, "task")))},
                             {"rows", fmt::format("n = {}, {} with gold, {} refused", words(member(rows, "total")),
                                                  words(member(rows, "with_gold")), words(member(rows, "rejected")))},
                             {"read from", words(member(rows, "files"))},
                             {"resampled together", words(member(comparison, {"groups", "field"}))},
                             {"margin", words(member(comparison, "margin"))}});
}

Markup compared_measures(const Json& comparison) {
  Table table({{"measure", false}, {"better is", false}, {"n"}, {"old %"}, {"new %"}, {"new - old, points [95 %]"}});
  for (const Json& measure : member(comparison, "measures")) {
    const auto share = [&measure](const char* key) {
      const auto value = number(member(measure, key));
      return value ? fmt::format("{:.2f}", 100.0 * *value) : std::string("-");
    };
    table.add_texts({string(member(measure, "name")), words(member(measure, "better")), words(member(measure, "rows")),
                     share("old"), share("new"), percent(interval(member(measure, "difference")))},
                    yes(member(measure, "primary")));
  }
  return table.empty() ? Markup() : table.markup();
}

Markup tests(const Json& comparison) {
  return with_heading("Is there a difference?", facts_of(member(comparison, "test"))) +
         with_heading("Are they equivalent?", facts_of(member(comparison, "equivalence"))) +
         with_heading("Row by row", facts_of(member(comparison, "paired"))) +
         with_heading("Churn", facts_of(member(comparison, "churn"))) +
         with_heading("Rows without gold, by the teacher", facts_of(member(comparison, "teacher")));
}

Markup slices(const Json& comparison) {
  const Markup table = table_of(member(comparison, "slices"),
                                {.keys = {"dimension", "value", "rows", "mended", "broken", "changed_alike",
                                          "without_gold", "changed", "difference", "p", "corrected_p"},
                                 .most = 60});
  return table.empty() ? table
                       : table + html::paragraph(
                                     "Corrected: by Holm, over all slices with a row that one model "
                                     "answers rightly and the other does not.");
}

// An answer as compare writes it: JSON of one line, or words.
std::string answer(const Json& value) { return shown_text(words(value)); }

// Answers and gold of a task that writes texts quote the rows.
Markup changed_rows(const Json& rows, const PageOptions& options, bool answers_quote_texts) {
  const bool quotes = options.texts || !answers_quote_texts;
  std::vector<html::Column> columns = {{"row", false}};
  if (options.texts) columns.push_back({"text", false});
  if (quotes)
    columns.insert(columns.end(), {{"gold", false}, {"teacher", false}, {"old answer", false}, {"new answer", false}});
  columns.push_back({"new one's certainty"});
  Table table(columns);
  for (std::size_t i = 0; i < rows.size() && i < kMostChangedRows; ++i) {
    const Json& row = rows[i];
    std::vector<std::string> cells = {string(member(row, "id")).empty() ? words(member(row, "row"))
                                                                        : string(member(row, "id"))};
    if (options.texts) cells.push_back(shown_text(string(member(row, "text"))));
    if (quotes)
      cells.insert(cells.end(), {words(member(row, "gold")), words(member(row, "teacher")), answer(member(row, "old")),
                                 answer(member(row, "new"))});
    cells.push_back(words(member(row, "certainty")));
    table.add_texts(cells);
  }
  if (table.empty()) return {};
  Markup markup = table.markup();
  if (rows.size() > kMostChangedRows)
    markup += html::paragraph(fmt::format("... and {} more", rows.size() - kMostChangedRows));
  return markup;
}

Markup changes(const Json& comparison, const PageOptions& options) {
  constexpr std::pair<const char*, const char*> kKinds[] = {{"broken", "Broken: right before, wrong now"},
                                                            {"mended", "Mended: wrong before, right now"},
                                                            {"alike", "Changed, and as right or as wrong as before"},
                                                            {"unknown", "Changed, without gold"}};
  const bool quotes = string(member(comparison, "task")) == "edit";
  Markup markup;
  for (const auto& [key, heading] : kKinds) {
    const Json& rows = member(comparison, {"changes", key});
    if (rows.is_array()) markup += with_heading(heading, changed_rows(rows, options, quotes));
  }
  return markup;
}

Markup models(const Json& comparison) {
  return with_heading("Old", facts_of(member(comparison, "old"))) +
         with_heading("New", facts_of(member(comparison, "new"))) +
         with_heading("Labels", facts_of(member(comparison, "labels"))) +
         with_heading("Latency, both in turn on each text", facts_of(member(comparison, "latency")));
}

// What this page does not know by name.
Markup others(const Json& comparison) {
  static const std::vector<std::string> kKnown = {
      "schema",   "verdict", "because", "same_file", "task",   "rows",    "groups", "margin", "test", "equivalence",
      "measures", "paired",  "churn",   "teacher",   "slices", "changes", "labels", "old",    "new",  "latency"};
  Json rest = Json::object();
  Markup markup;
  for (const auto& [key, value] : comparison.items()) {
    if (std::ranges::find(kKnown, key) != kKnown.end()) continue;
    if (value.is_object()) markup += with_heading(spoken(key), facts_of(value));
    if (value.is_array() && !table_of(value).empty()) markup += with_heading(spoken(key), table_of(value));
    if (!value.is_structured()) rest[key] = value;
  }
  return facts_of(rest) + markup;
}

}  // namespace

Result<std::string> compare_page(const Json& comparison, const PageOptions& options) {
  if (string(member(comparison, "schema")) != kCompareSchema || string(member(comparison, "verdict")).empty())
    return Error{ErrorCode::kCorrupt, std::string("is not a comparison (schema ") + kCompareSchema +
                                          "). Fix: name the output of `noggin compare --json`, or a run directory"};
  html::Page page("Old model and new model: " + string(member(comparison, "verdict")), lead_of(comparison, options));
  page.add({"measures", "Measures", compared_measures(comparison)});
  page.add({"tests", "Tests", tests(comparison)});
  page.add({"slices", "Slices", slices(comparison)});
  page.add({"changes", "Changed answers", changes(comparison, options)});
  page.add({"models", "The two models", models(comparison)});
  page.add({"more", "More", others(comparison)});
  return page.document();
}

}  // namespace noggin::exporter
