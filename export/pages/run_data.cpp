// What a run was trained on: rows and refusals, classes, and where the teacher and gold disagree.
#include <fmt/format.h>

#include <algorithm>

#include "data/metrics/fraction.h"
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

constexpr std::size_t kMostClasses = 40;

const Json& splits_of(const RunRecord& run) { return member(run.ingest, "splits"); }

std::string percent_of(const Json& part, const Json& whole) {
  return fmt::format("{:.2f}", 100.0 * data::fraction(count(part), count(whole)));
}

Markup split_table(const RunRecord& run) {
  Table table({{"split", false},
               {"lines"},
               {"accepted"},
               {"refused"},
               {"duplicates"},
               {"with gold"},
               {"with teacher"},
               {"unknown words %"},
               {"cut %"}});
  for (const Json& split : splits_of(run)) {
    const Json& rows = member(split, "accepted");
    table.add_texts({string(member(split, "name")), words(member(split, "lines")), words(rows),
                     words(member(split, "rejected")), words(member(split, "duplicates")),
                     words(member(split, "with_label")), words(member(split, "with_teacher")),
                     fmt::format("{:.3f}", 100.0 * number(member(split, "unknown_word_rate")).value_or(0.0)),
                     percent_of(member(split, "truncated"), rows)});
  }
  return table.empty() ? Markup() : table.markup();
}

Markup refusals(const RunRecord& run) {
  Table table({{"split", false}, {"refused because", false}, {"lines"}});
  for (const Json& split : splits_of(run)) {
    const Json& reasons = member(split, "rejected_by_reason");
    if (!reasons.is_object()) continue;
    for (const auto& [reason, lines] : reasons.items())
      table.add_texts({string(member(split, "name")), spoken(reason), words(lines)});
  }
  if (table.empty()) return html::paragraph("No line was refused.");
  return table.markup() + html::paragraph("Each refused line is in data/quarantine.jsonl, with file, line and reason.");
}

// Rows of one class in one split, by gold or, where the split has none, by the teacher.
struct ClassRows {
  std::string name;
  std::uint64_t train_gold = 0, train_teacher = 0, measured = 0;
};

std::vector<ClassRows> class_rows(const RunRecord& run) {
  std::vector<ClassRows> rows;
  const std::string measured = string(member(run.results, "split"));
  for (const Json& split : splits_of(run)) {
    const Json& classes = member(split, "classes");
    if (!classes.is_object()) continue;
    for (const auto& [name, counts] : classes.items()) {
      auto row = std::ranges::find(rows, name, &ClassRows::name);
      if (row == rows.end()) row = rows.insert(rows.end(), ClassRows{name});
      const std::uint64_t gold = count(member(counts, "gold")), teacher = count(member(counts, "teacher"));
      if (yes(member(split, "training"))) {
        row->train_gold = gold;
        row->train_teacher = teacher;
      } else if (string(member(split, "name")) == measured) {
        row->measured = gold;
      }
    }
  }
  return rows;
}

Markup class_balance(const RunRecord& run) {
  std::vector<ClassRows> rows = class_rows(run);
  if (rows.empty()) return {};
  const auto most_of = [](const ClassRows& row) { return std::max(row.train_gold, row.train_teacher); };
  std::ranges::stable_sort(rows, std::ranges::greater(), most_of);
  const auto most = static_cast<double>(std::max<std::uint64_t>(1, most_of(rows.front())));
  Table table({{"class", false},
               {"", false},
               {"train, gold"},
               {"train, teacher's answer"},
               {string(member(run.results, "split")) + ", gold"}});
  const std::size_t shown = std::min(rows.size(), kMostClasses);
  for (std::size_t i = 0; i < shown; ++i)
    table.add({text(rows[i].name), html::bar(static_cast<double>(most_of(rows[i])) / most),
               text(fmt::format("{}", rows[i].train_gold)), text(fmt::format("{}", rows[i].train_teacher)),
               text(fmt::format("{}", rows[i].measured))});
  Markup markup = html::element("h3", text("Classes")) + table.markup();
  if (shown < rows.size())
    markup += html::paragraph(fmt::format("... and {} classes with fewer rows", rows.size() - shown));
  return markup;
}

Markup findings(const RunRecord& run) {
  Markup markup;
  for (const Json& finding : member(run.ingest, "findings"))
    markup += html::notice(html::Tone::kNote, text(words(finding)));
  return markup;
}

// What a tagger's teacher says, word by word and span by span.
void add_spans(const Json& split, std::vector<std::string>& cells) {
  for (const char* key : {"teacher_word_agreement", "teacher_span_precision", "teacher_span_recall", "teacher_span_f1"})
    cells.push_back(fmt::format("{:.2f}", 100.0 * number(member(split, key)).value_or(0.0)));
}

}  // namespace

Markup data_section(const RunRecord& run) {
  const Markup table = split_table(run);
  return table.empty() ? table : table + refusals(run) + class_balance(run) + findings(run);
}

Markup teacher_section(const RunRecord& run) {
  std::vector<html::Column> columns = {{"split", false}, {"rows with both (n)"}, {"rows on which they agree % [95 %]"}};
  const bool spans =
      std::ranges::any_of(splits_of(run), [](const Json& split) { return split.contains("teacher_span_f1"); });
  if (spans) columns.insert(columns.end(), {{"words %"}, {"span precision %"}, {"span recall %"}, {"span F1 %"}});
  Table table(columns);
  Markup confusions;
  for (const Json& split : splits_of(run)) {
    const std::uint64_t rows = count(member(split, "teacher_with_gold"));
    if (rows == 0) continue;
    const std::string name = string(member(split, "name"));
    const double agreement = number(member(split, "teacher_agreement")).value_or(0.0);
    std::vector<std::string> cells = {name, fmt::format("{}", rows),
                                      percent(share_interval(agreement * static_cast<double>(rows), rows))};
    if (spans) add_spans(split, cells);
    table.add_texts(cells);
    const Markup pairs =
        table_of(member(split, "teacher_confusions"), {.keys = {"gold", "teacher", "count"}, .most = 15});
    if (!pairs.empty()) confusions += html::element("h3", text("Disagreements in " + name)) + pairs;
  }
  if (table.empty()) return {};
  Markup markup = table.markup() + confusions;
  if (!confusions.empty())
    markup += html::paragraph(
        "Rows to look at are in data/disagreements.jsonl. Sometimes the teacher is wrong, sometimes "
        "the label is.");
  return markup;
}

}  // namespace noggin::exporter
