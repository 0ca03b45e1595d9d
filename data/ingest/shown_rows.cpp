#include "data/ingest/shown_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/rows/excerpt.h"
#include "data/shards/shard.h"
#include "spec/tag_scheme.h"

namespace noggin::data {
namespace {

constexpr std::size_t kShownAnswers = 3, kShownTextBytes = 60;

std::string name_of(std::int32_t c, const std::vector<std::string>& names) {
  const auto index = static_cast<std::size_t>(c);
  return index < names.size() ? names[index] : fmt::format("class {}", c);
}

// "PERSON Anna 0-4, ...": type, text and place; "Anna 0-4" for a task of one type without a name of its own.
std::string spans_in_words(const std::vector<TypedSpan>& spans, std::string_view text,
                           const std::vector<std::string>& names, spec::TaskKind task) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const Result<spec::TagScheme> scheme = spec::make_tag_scheme(task, views);
  const bool typed = scheme && spec::traits_of(task).classes == spec::ClassNames::kIob2;
  std::string words;
  for (const TypedSpan& span : spans) {
    if (!words.empty()) words += ", ";
    if (typed && span.type < scheme->types.size()) words.append(scheme->types[span.type]).append(" ");
    words += fmt::format("{} {}-{}", text.substr(span.begin, span.end - span.begin), span.begin, span.end);
  }
  return words;
}

// "yes, maybe", "0.25", "PERSON Anna 0-4": gold of any task.
std::string gold_in_words(const Record& record, const LabelSet& labels, spec::TaskKind task) {
  if (record.label != kNoLabel) return name_of(record.label, labels.names());
  std::string words;
  const auto add = [&words](std::string_view word) { words.append(words.empty() ? "" : ", ").append(word); };
  if (spec::traits_of(task).is_number()) {
    if (!record.gold_values.empty()) add(fmt::format("{}", record.gold_values[0]));
    return words;
  }
  for (std::size_t c = 0; c < record.gold_values.size(); ++c)
    if (record.gold_values[c] >= 0.5F) add(name_of(static_cast<std::int32_t>(c), labels.names()));
  if (!record.target.empty()) return record.target;
  if (!record.spans.empty()) add(spans_in_words(record.spans, record.text, labels.names(), task));
  return words;
}

}  // namespace

ShownRow shown_row(const Record& record, const RowNotes& notes, const LabelSet& labels, spec::TaskKind task) {
  ShownRow row{.id = record.id,
               .text = record.text,
               .label = gold_in_words(record, labels, task),
               .mass = notes.class_mass,
               .position = notes.position,
               .family = std::string(notes.family),
               .reading = notes.reading,
               .file = record.file,
               .line = record.line};
  for (std::size_t k = 0; k < record.teacher.classes.size(); ++k)
    row.teacher.emplace_back(name_of(record.teacher.classes[k], labels.names()),
                             double{record.teacher.probabilities[k]});
  return row;
}

Result<std::vector<ShownRow>> rows_of_shard(const std::string& path, const std::vector<std::string>& names,
                                            std::uint64_t max_rows) {
  const Result<ExampleTable> table = read_shard(path);
  if (!table) return table.error();
  std::vector<ShownRow> rows;
  for (std::size_t i = 0; i < std::min<std::uint64_t>(table->rows(), max_rows); ++i) {
    ShownRow row{
        .id = std::string(table->id_of(i)), .text = std::string(table->text_of(i)), .file = path, .line = i + 1};
    if (!table->per_token()) {
      if (table->has_values() && table->has_gold(i)) {
        for (const float value : table->gold_values_of(i))
          row.label.append(row.label.empty() ? "" : ", ").append(fmt::format("{}", value));
      } else if (table->has_gold(i)) {
        row.label = name_of(table->label[i], names);
      }
      for (std::size_t k = 0; k < table->top_k; ++k)
        if (table->teacher_classes_of(i)[k] >= 0)
          row.teacher.emplace_back(name_of(table->teacher_classes_of(i)[k], names),
                                   double{table->teacher_probabilities_of(i)[k]});
    } else {
      row.label = spans_in_words(table->spans_of(i), table->text_of(i), names, table->task);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string to_json(const ShownRow& row) {
  nlohmann::ordered_json json;
  json["id"] = row.id;
  json["text"] = row.text;
  json["label"] = row.label.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(row.label);
  json["teacher"] = nlohmann::ordered_json::object();
  for (const auto& [name, p] : row.teacher) json["teacher"][name] = p;
  json["mass"] = row.mass;
  json["position"] = row.position;
  json["family"] = row.family.empty() ? "rows" : row.family;
  json["source"] = row.file;
  json["line"] = row.line;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string to_text(const ShownRow& row) {
  std::string text = fmt::format("{}:{}", row.file, row.line);
  if (!row.family.empty()) text += fmt::format(" ({})", row.family);
  text += fmt::format(" {}", excerpt(row.text, kShownTextBytes));
  if (!row.label.empty()) text += fmt::format("  gold {}", excerpt(row.label, kShownTextBytes));
  if (row.teacher.empty()) return text;
  text += "  teacher";
  for (std::size_t k = 0; k < std::min(row.teacher.size(), kShownAnswers); ++k)
    text += fmt::format("{} {} {:.3g}", k == 0 ? "" : ",", excerpt(row.teacher[k].first), row.teacher[k].second);
  if (row.teacher.size() > kShownAnswers) text += fmt::format(" and {} more", row.teacher.size() - kShownAnswers);
  if (row.reading == RowNotes::Reading::kTokens)
    text += fmt::format(" (token {}, class mass {:.3g})", row.position, row.mass);
  if (row.reading == RowNotes::Reading::kText) text += " (a label: its text alone was logged)";
  return text;
}

}  // namespace noggin::data
