#include "data/logs/tag_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/logs/class_fields.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

// Whether a text may have several classes.
bool takes_several(const RowSchema& schema) {
  const spec::TaskTraits& task = spec::traits_of(schema.task);
  return task.activation == spec::Activation::kSigmoid && !task.is_number();
}

bool has_any(JsonValue row, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [row](std::string_view name) { return field_of(row, name).has_value(); });
}

Trouble read_as(std::string_view field, std::optional<JsonValue> value, const RowSchema& schema, RowFields& fields) {
  return value ? read_field(field, *value, schema, fields) : std::nullopt;
}

bool is_spans_task(const RowSchema& schema) { return spec::traits_of(schema.task).per_token(); }

// Gold that says: there is no span.
void set_no_spans(RowFields& fields) {
  fields.seen |= RowFields::kSpans;
  fields.present |= RowFields::kSpans;
}

// Classes that were chosen: one, or for multi_label a list.
Trouble read_chosen(std::optional<JsonValue> chosen, const RowSchema& schema, RowFields& fields) {
  return read_as(takes_several(schema) ? "labels" : "label", chosen, schema, fields);
}

// --- Label Studio: {"id", "data": {"text"}, "annotations": [{"result": [{"value": {...}}], "was_cancelled"}]}

std::optional<JsonValue> annotations_of(JsonValue row) {
  const auto list = field_of(row, "annotations");
  return list ? list : field_of(row, "completions");
}

bool is_label_studio(JsonValue row) {
  const auto data = field_of(row, "data");
  const auto list = annotations_of(row);
  return data && data->is_object() && ((list && list->is_array()) || field_of(row, "predictions"));
}

// data.text, or the only text that the task has.
std::optional<JsonValue> task_text(JsonValue data) {
  if (const auto text = field_of(data, "text")) return text;
  std::optional<JsonValue> only;
  JsonObject fields;
  if (data.get_object().get(fields) != simdjson::SUCCESS) return std::nullopt;
  for (const auto field : fields) {
    if (!field.value.is_string()) continue;
    if (only) return std::nullopt;
    only = field.value;
  }
  return only;
}

// What an annotation says, apart from who said it and under which id.
std::vector<std::string> said_by(JsonValue annotation) {
  std::vector<std::string> said;
  const auto result = field_of(annotation, "result");
  JsonArray entries;
  if (!result || result->get_array().get(entries) != simdjson::SUCCESS) return said;
  for (const JsonValue entry : entries)
    if (const auto value = field_of(entry, "value")) said.push_back(simdjson::minify(*value));
  std::sort(said.begin(), said.end());
  return said;
}

bool is_true(JsonValue value, std::string_view name) {
  const auto field = field_of(value, name);
  return field && field->is_bool() && bool(*field);
}

// The annotation that counts: the one that is marked as the truth, else what all say that were not cancelled.
Trouble choose_annotation(JsonValue row, std::optional<JsonValue>& chosen) {
  const auto list = annotations_of(row);
  JsonArray annotations;
  if (!list || list->get_array().get(annotations) != simdjson::SUCCESS || annotations.size() == 0)
    return Rejection{Reason::kNotAnnotated, "no annotation"};
  for (const JsonValue annotation : annotations) {
    if (is_true(annotation, "was_cancelled")) continue;
    if (is_true(annotation, "ground_truth")) {
      chosen = annotation;
      return std::nullopt;
    }
    if (chosen && said_by(*chosen) != said_by(annotation))
      return Rejection{Reason::kSeveralGolds, fmt::format("{} annotations that differ", annotations.size())};
    if (!chosen) chosen = annotation;
  }
  if (!chosen) return Rejection{Reason::kNotAnnotated, "was_cancelled"};
  return std::nullopt;
}

Trouble read_label_studio(JsonValue row, const RowSchema& schema, EmbeddedJson& inner, RowFields& fields) {
  if (Trouble trouble = read_as("id", field_of(row, "id"), schema, fields)) return trouble;
  if (Trouble trouble = read_as("text", task_text(*field_of(row, "data")), schema, fields)) return trouble;
  std::optional<JsonValue> annotation;
  if (Trouble trouble = choose_annotation(row, annotation)) return trouble;
  const auto result = field_of(*annotation, "result");
  if (is_spans_task(schema)) {
    if (!result) set_no_spans(fields);
    return read_as("spans", result, schema, fields);
  }
  static const JsonPaths choices("[type=choices].value.choices|[0].value.choices|[type=taxonomy].value.taxonomy[0]");
  const auto chosen = result ? choices.find(*result, inner) : std::nullopt;
  return chosen ? read_chosen(chosen, schema, fields) : Trouble(Rejection{Reason::kNotAnnotated, "no choice"});
}

// --- Label Studio, JSON-MIN: {"id", "text", "label": [{"start", "end", "text", "labels"}], "annotator", ...}

bool is_label_studio_min(JsonValue row) {
  return row.is_object() && has_any(row, {"annotation_id"}) && has_any(row, {"annotator", "lead_time", "updated_at"});
}

// The list of spans, whatever the labelling is called; nothing if the text has none.
std::optional<JsonValue> listed_spans(JsonValue row) {
  JsonObject fields;
  if (row.get_object().get(fields) != simdjson::SUCCESS) return std::nullopt;
  for (const auto field : fields) {
    JsonArray list;
    if (field.value.get_array().get(list) != simdjson::SUCCESS || list.size() == 0) continue;
    const JsonValue first = list.at(0).value_unsafe();
    if (field_of(first, "start") && field_of(first, "end")) return field.value;
  }
  return std::nullopt;
}

Trouble read_label_studio_min(JsonValue row, const RowSchema& schema, EmbeddedJson& inner, RowFields& fields) {
  if (Trouble trouble = read_as("id", field_of(row, "id"), schema, fields)) return trouble;
  if (Trouble trouble = read_as("text", field_of(row, "text"), schema, fields)) return trouble;
  if (is_spans_task(schema)) {
    const auto spans = listed_spans(row);
    if (!spans) set_no_spans(fields);
    return read_as("spans", spans, schema, fields);
  }
  static const JsonPaths chosen("label.choices|label|choice.choices|choice|sentiment.choices|sentiment|class|category");
  return read_chosen(chosen.find(row, inner), schema, fields);
}

// --- Prodigy: {"text", "spans", "answer": "accept"}, or a choice: "accept": ["A"], or one class: "label": "A"

bool is_prodigy(JsonValue row) {
  if (!row.is_object()) return false;
  if (has_any(row, {"_task_hash", "_input_hash"})) return true;
  const auto answer = field_of(row, "answer");
  if (!answer) return false;
  const std::string_view said = string_of(*answer);
  const bool is_verdict = said == "accept" || said == "reject" || said == "ignore";
  return is_verdict && has_any(row, {"spans", "label", "options", "accept", "meta"});
}

Trouble read_prodigy(JsonValue row, const RowSchema& schema, EmbeddedJson&, RowFields& fields) {
  if (Trouble trouble = read_as("text", field_of(row, "text"), schema, fields)) return trouble;
  const auto answer = field_of(row, "answer");
  if (!answer) return Rejection{Reason::kNotAnnotated, "no answer"};
  if (string_of(*answer) != "accept")
    return Rejection{Reason::kNotAnnotated, fmt::format("answer: {}", excerpt(string_of(*answer)))};
  const auto label = field_of(row, "label"), accepted = field_of(row, "accept");
  if (is_spans_task(schema)) {
    const auto spans = field_of(row, "spans");
    if (!spans && !label && !accepted) set_no_spans(fields);
    return read_as("spans", spans, schema, fields);
  }
  // One accepted class says nothing of the others.
  if (!accepted && takes_several(schema)) return std::nullopt;
  return read_chosen(accepted ? accepted : label, schema, fields);
}

// --- spaCy: ["text", {"entities": [[0, 4, "X"]], "cats": {"A": 1, "B": 0}}]

bool is_spacy(JsonValue row) {
  JsonArray pair;
  if (row.get_array().get(pair) != simdjson::SUCCESS || pair.size() != 2) return false;
  const JsonValue said = pair.at(1).value_unsafe();
  return pair.at(0).is_string() && said.is_object() && (field_of(said, "entities") || field_of(said, "cats"));
}

Trouble read_categories(JsonValue cats, const RowSchema& schema, RowFields& fields) {
  std::vector<std::int32_t> held;
  Trouble trouble = for_each_field(cats, "cats", [&](std::string_view name, JsonValue value) -> Trouble {
    const std::int32_t found = find_class(name, *schema.labels, fields.numbered);
    if (found == kNoLabel) return Rejection{Reason::kUnknownLabel, unknown_class(name, *schema.labels)};
    const bool holds = value.is_bool() ? bool(value) : value.is_number() && value.get_double().value() >= 0.5;
    if (holds) held.push_back(found);
    return std::nullopt;
  });
  if (trouble) return trouble;
  if (takes_several(schema)) {
    fields.labels = std::move(held);
    fields.present |= RowFields::kLabels;
    return std::nullopt;
  }
  if (held.size() > 1)
    return Rejection{Reason::kWrongType, fmt::format("cats has {} classes, must be one", held.size())};
  if (!held.empty()) fields.label = held.front();
  return std::nullopt;
}

Trouble read_spacy(JsonValue row, const RowSchema& schema, EmbeddedJson&, RowFields& fields) {
  const JsonArray pair = row.get_array().value();
  if (Trouble trouble = read_as("text", JsonValue(pair.at(0).value_unsafe()), schema, fields)) return trouble;
  const JsonValue said = pair.at(1).value_unsafe();
  if (is_spans_task(schema)) return read_as("spans", field_of(said, "entities"), schema, fields);
  const bool by_class = !spec::traits_of(schema.task).per_token() && !spec::traits_of(schema.task).is_number();
  const auto cats = field_of(said, "cats");
  return cats && by_class ? read_categories(*cats, schema, fields) : std::nullopt;
}

constexpr TagTool kTagTools[] = {
    {"label_studio", is_label_studio, read_label_studio},
    {"label_studio_min", is_label_studio_min, read_label_studio_min},
    {"prodigy", is_prodigy, read_prodigy},
    {"spacy", is_spacy, read_spacy},
};

}  // namespace

const TagTool* find_tag_tool(JsonValue row) {
  for (const TagTool& tool : kTagTools)
    if (tool.wrote(row)) return &tool;
  return nullptr;
}

}  // namespace noggin::data
