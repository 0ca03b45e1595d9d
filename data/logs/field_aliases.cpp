#include "data/logs/field_aliases.h"

#include <algorithm>
#include <optional>

#include "data/json/json_path.h"
#include "data/logs/class_fields.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

bool is_text(JsonValue value) { return value.is_string(); }

bool is_share(JsonValue value) {
  const Checked<double> number = read_number(value, "");
  const auto* read = std::get_if<double>(&number);
  return read != nullptr && *read >= 0.0 && *read <= 1.0;
}

// JSON in a string is judged when it is read.
bool holds_array(JsonValue value) { return value.is_array() || string_of(value).starts_with('['); }
bool holds_any(JsonValue value) { return holds_array(value) || value.is_object() || string_of(value).starts_with('{'); }

// Numbers of classes, not one answer {"label": "A", "score": 0.9} nor a list of names.
bool holds_distribution(JsonValue value) {
  if (!holds_any(value)) return false;
  JsonObject object;
  if (value.get_object().get(object) == simdjson::SUCCESS)
    for (const auto field : object)
      if (field.value.is_string() && std::holds_alternative<Rejection>(read_number(field.value, ""))) return false;
  JsonArray array;
  return value.get_array().get(array) != simdjson::SUCCESS || array.size() == 0 || !array.at(0).is_string();
}

template <typename Fits>
bool first_element(JsonValue value, bool if_empty, Fits&& fits) {
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  return array.size() == 0 ? if_empty : fits(JsonValue(array.at(0).value_unsafe()));
}
bool is_list_of_names(JsonValue value) {
  return first_element(value, false, [](JsonValue item) { return item.is_string() || item.is_number(); });
}
bool is_list_of_spans(JsonValue value) {
  return first_element(value, true, [](JsonValue item) { return item.is_object() || item.is_array(); });
}
bool is_list_of_one(JsonValue value) {
  JsonArray array;
  return value.get_array().get(array) == simdjson::SUCCESS && array.size() == 1;
}

struct Alias {
  TaskKind task;
  std::string_view name, field;
  bool (*fits)(JsonValue);
  std::uint32_t also = 0;  // fields that the row must have
};

constexpr Alias kAliases[] = {
    {TaskKind::kSingleLabel, "sequence", "text", is_text},
    {TaskKind::kSingleLabel, "data", "text", is_text},
    {TaskKind::kSingleLabel, "labels", "label", is_list_of_one},
    {TaskKind::kSingleLabel, "score", "confidence", is_share, RowFields::kLabel},
    {TaskKind::kSingleLabel, "probability", "confidence", is_share, RowFields::kLabel},
    {TaskKind::kSingleLabel, "prob", "confidence", is_share, RowFields::kLabel},
    {TaskKind::kSingleLabel, "probabilities", "probs", holds_distribution},
    {TaskKind::kSingleLabel, "scores", "probs", holds_distribution},
    {TaskKind::kSingleLabel, "predictions", "probs", holds_distribution},
    {TaskKind::kSingleLabel, "prediction", "probs", holds_distribution},
    {TaskKind::kMultiLabel, "sequence", "text", is_text},
    {TaskKind::kMultiLabel, "data", "text", is_text},
    {TaskKind::kMultiLabel, "label", "labels", holds_array},
    {TaskKind::kMultiLabel, "probabilities", "probs", holds_distribution},
    {TaskKind::kMultiLabel, "scores", "probs", holds_distribution},
    {TaskKind::kMultiLabel, "predictions", "probs", holds_distribution},
    {TaskKind::kMultiLabel, "prediction", "probs", holds_distribution},
    {TaskKind::kTag, "data", "text", is_text},
    {TaskKind::kTag, "words", "tokens", is_list_of_names},
    {TaskKind::kTag, "ner_tags", "tags", is_list_of_names, RowFields::kTokens},
    {TaskKind::kTag, "labels", "tags", is_list_of_names, RowFields::kTokens},
    {TaskKind::kTag, "entities", "spans", holds_any},
    {TaskKind::kTag, "ents", "spans", is_list_of_spans},
    {TaskKind::kTag, "label", "spans", is_list_of_spans},
    {TaskKind::kTag, "labels", "spans", is_list_of_spans},
    {TaskKind::kTag, "probabilities", "probs", holds_distribution},
};

std::uint32_t bits_of(std::string_view field) {
  return field == "text"         ? RowFields::kText
         : field == "label"      ? RowFields::kLabel
         : field == "labels"     ? RowFields::kLabels
         : field == "confidence" ? RowFields::kConfidence
         : field == "tokens"     ? RowFields::kTokens
         // Tags and spans are gold twice.
         : field == "tags" || field == "spans" ? RowFields::kTags | RowFields::kSpans
                                               : RowFields::kValues;
}

// {"sequence", "labels": ["A", "B"], "scores": [0.9, 0.1]}, as a zero-shot pipeline prints it.
Trouble read_labels_with_scores(JsonObject object, const RowSchema& schema, RowFields& row, bool& found) {
  const bool by_class = schema.task == TaskKind::kSingleLabel || schema.task == TaskKind::kMultiLabel;
  found = false;
  if (!by_class || row.has(RowFields::kValues)) return std::nullopt;
  JsonValue labels, scores;
  if (object.at_key("labels").get(labels) != simdjson::SUCCESS || !is_list_of_names(labels)) return std::nullopt;
  if (object.at_key("scores").get(scores) != simdjson::SUCCESS ||
      !first_element(scores, false, [](JsonValue item) { return item.is_number(); }))
    return std::nullopt;
  found = true;
  row.labels.clear();
  row.seen = (row.seen | RowFields::kValues) & ~std::uint32_t{RowFields::kLabels};
  row.present = (row.present | RowFields::kValues) & ~std::uint32_t{RowFields::kLabels};
  row.kind = ValueKind::kProbs;
  return append_pairs(labels, scores, *schema.labels, row.words, row.numbered);
}

// A row's text, or its class, under one of the usual names. A field that is no class of ours is read as one only where
// nothing else can be learnt from the row: then its refusal names it.
Trouble read_usual_names(JsonObject object, const RowSchema& schema, RowFields& row,
                         const std::function<bool(std::string_view)>& is_named) {
  JsonValue value;
  if ((row.seen & (RowFields::kText | RowFields::kTokens)) == 0 && !is_named("text"))
    for (const std::string_view name : kUsualTextNames)
      if (object.at_key(name).get(value) == simdjson::SUCCESS && value.is_string()) {
        if (Trouble trouble = read_field("text", value, schema, row)) return trouble;
        break;
      }
  if (schema.task != TaskKind::kSingleLabel || (row.seen & RowFields::kLabel) != 0 || is_named("label"))
    return std::nullopt;
  for (const std::string_view name : kUsualLabelNames) {
    if (object.at_key(name).get(value) != simdjson::SUCCESS || !value.is_string() || string_of(value) == row.text)
      continue;
    if (row.has(RowFields::kValues) && (names_an_answer(name) || schema.labels->find(string_of(value)) < 0)) continue;
    return read_field("label", value, schema, row);
  }
  return std::nullopt;
}

}  // namespace

bool has_usual_text(JsonValue row) {
  return std::ranges::any_of(kUsualTextNames, [&row](std::string_view name) {
    const auto text = field_of(row, name);
    return text && text->is_string();
  });
}

bool has_usual_distribution(JsonValue row) {
  return std::ranges::any_of(kUsualDistributionNames, [&row](std::string_view name) {
    JsonObject numbers;
    const auto field = field_of(row, name);
    if (!field || field->get_object().get(numbers) != simdjson::SUCCESS || numbers.size() < 2) return false;
    return std::ranges::all_of(numbers, [](const auto& one) { return one.value.is_number(); });
  });
}

bool names_an_answer(std::string_view name) {
  return name == "output" || name == "completion" || name == "response" || name == "model_output" ||
         name == "model_answer" || name.starts_with("pred");
}

Trouble read_other_names(JsonObject object, const RowSchema& schema, RowFields& row,
                         const std::function<bool(std::string_view)>& is_named) {
  bool paired = false;
  if (Trouble trouble = read_labels_with_scores(object, schema, row, paired)) return trouble;
  for (const Alias& alias : kAliases) {
    if (alias.task != schema.task || (row.seen & bits_of(alias.field)) != 0) continue;
    if (alias.also != 0 && !row.has(alias.also)) continue;
    if (paired && alias.name == "labels") continue;
    JsonValue value;
    if (object.at_key(alias.name).get(value) != simdjson::SUCCESS || is_null(value) || !alias.fits(value)) continue;
    if (is_named(alias.field)) continue;
    if (Trouble trouble = read_field(alias.field, value, schema, row)) return trouble;
  }
  return read_usual_names(object, schema, row, is_named);
}

}  // namespace noggin::data
