#include "data/logs/span_fields.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "data/json/json_path.h"

namespace noggin::data {
namespace {

// In lower case and without what parts their words: "BeginOffset", "begin_offset".
constexpr std::string_view kStartNames[] = {"start",         "startoffset", "begin",      "beginoffset", "startchar",
                                            "startposition", "from",        "startindex", "offset"};
constexpr std::string_view kEndNames[] = {"end", "endoffset", "stop", "endchar", "endposition", "to", "endindex"};
constexpr std::string_view kLengthNames[] = {"length", "len"};
constexpr std::string_view kTypeNames[] = {"type",     "label", "labels", "entitytype", "entitygroup",
                                           "category", "class", "tag",    "infotype"};
constexpr std::string_view kSpanTexts[] = {"text", "entityvalue", "value", "mention", "span", "entity", "quote"};
constexpr std::string_view kListNames[] = {"spans", "entities", "ents", "labels"};

constexpr int kDeepestPlace = 3;

bool is_written_like(std::string_view name, std::string_view plain) {
  std::size_t at = 0;
  for (const char c : name) {
    if (c == '_' || c == '-') continue;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (at == plain.size() || plain[at++] != lower) return false;
  }
  return at == plain.size();
}

// The first of these names that a span has.
template <std::size_t N>
std::optional<JsonValue> span_field(JsonValue span, const std::string_view (&names)[N]) {
  JsonObject object;
  if (span.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view name : names)
    for (const auto field : object)
      if (!is_null(field.value) && is_written_like(field.key, name)) return field.value;
  return std::nullopt;
}

// Where a span says its place: in itself, or in an object inside ("location": {"range": {"start", "end"}}).
std::optional<JsonValue> holder_of_place(JsonValue span, int depth) {
  JsonObject object;
  if (depth == 0 || span.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  if (span_field(span, kStartNames) || span_field(span, kEndNames)) return span;
  for (const auto field : object)
    if (const auto inside = holder_of_place(field.value, depth - 1)) return inside;
  return std::nullopt;
}

// "PERSON", or {"name": "PERSON"}.
JsonValue name_of_type(JsonValue type) {
  const auto name = type.is_object() ? field_of(type, "name") : std::nullopt;
  return name ? *name : type;
}

Trouble read_span_type(JsonValue value, const RowSchema& schema, std::uint32_t& type) {
  JsonArray list;
  if (value.get_array().get(list) == simdjson::SUCCESS) {
    if (list.size() != 1)
      return Rejection{Reason::kWrongType, fmt::format("a span has {} types, must have one", list.size())};
    value = list.at(0).value_unsafe();
  }
  value = name_of_type(value);
  if (!value.is_string()) return Rejection{Reason::kWrongType, "type of a span must be a string"};
  return find_span_type(string_of(value), schema, type);
}

Trouble read_span_place(const std::optional<JsonValue>& start, const std::optional<JsonValue>& end, LoggedSpan& span) {
  if (!start && !end) return std::nullopt;
  if (!start || !end) return Rejection{Reason::kMissingField, "a span needs start and end"};
  const auto read = [](JsonValue value, const char* where, std::int64_t& place) -> Trouble {
    const Checked<std::int64_t> number = read_whole(value, where);
    if (const auto* bad = std::get_if<Rejection>(&number)) return *bad;
    place = std::get<std::int64_t>(number);
    if (place < 0) return Rejection{Reason::kBadOffset, fmt::format("{} is {}", where, place)};
    return std::nullopt;
  };
  if (Trouble trouble = read(*start, "start of a span", span.start)) return trouble;
  return read(*end, "end of a span", span.end);
}

// [0, 4, "PERSON"]
Trouble read_triple(JsonArray triple, const RowSchema& schema, LoggedSpan& span) {
  if (triple.size() != 3) return Rejection{Reason::kWrongType, "a span must be [start, end, type]"};
  if (Trouble trouble = read_span_place(triple.at(0).value_unsafe(), triple.at(1).value_unsafe(), span)) return trouble;
  return read_span_type(triple.at(2).value_unsafe(), schema, span.type);
}

Trouble read_span_object(JsonValue value, const RowSchema& schema, LoggedSpan& span) {
  const auto type = span_field(value, kTypeNames);
  if (type)
    if (Trouble trouble = read_span_type(*type, schema, span.type)) return trouble;
  const JsonValue place = holder_of_place(value, kDeepestPlace).value_or(value);
  const auto start = span_field(place, kStartNames), end = span_field(place, kEndNames),
             length = span_field(place, kLengthNames);
  if (Trouble trouble = read_span_place(start, end ? end : length, span)) return trouble;
  if (!end && length) span.end += span.start;
  for (const std::string_view name : kSpanTexts) {
    const std::string_view only[] = {name};
    if (const auto text = span_field(value, only); text && text->is_string() && span.text.empty())
      span.text = string_of(*text);
  }
  if (!type || (!span.has_place() && span.text.empty()))
    return Rejection{Reason::kMissingField, "a span needs start, end and type, or text and type"};
  return std::nullopt;
}

// What a tool lists among its spans and is none: the choice of a class, a relation of two spans.
bool is_no_span(JsonValue entry, const std::optional<JsonValue>& inner) {
  if (field_of(entry, "from_id") && field_of(entry, "to_id")) return true;
  return inner && !span_field(*inner, kStartNames) && !field_of(*inner, "text");
}

Trouble read_listed_span(JsonValue entry, const RowSchema& schema, std::vector<LoggedSpan>& spans) {
  LoggedSpan span;
  if (JsonArray triple; entry.get_array().get(triple) == simdjson::SUCCESS) {
    if (Trouble trouble = read_triple(triple, schema, span)) return trouble;
    spans.push_back(span);
    return std::nullopt;
  }
  if (!entry.is_object()) return Rejection{Reason::kWrongType, "a span must be an object or [start, end, type]"};
  std::optional<JsonValue> inner = field_of(entry, "value");
  if (inner && !inner->is_object()) inner.reset();
  if (is_no_span(entry, inner)) return std::nullopt;
  if (Trouble trouble = read_span_object(inner ? *inner : entry, schema, span)) return trouble;
  spans.push_back(span);
  return std::nullopt;
}

// {"PERSON": ["Anna", "Bo"]}
Trouble read_texts_by_type(JsonValue value, const RowSchema& schema, std::vector<LoggedSpan>& spans) {
  return for_each_field(value, "spans", [&](std::string_view name, JsonValue texts) -> Trouble {
    LoggedSpan span;
    if (is_null(texts)) return std::nullopt;
    if (Trouble trouble = find_span_type(name, schema, span.type)) return trouble;
    const auto add = [&](JsonValue text) -> Trouble {
      span.text = string_of(text);
      if (span.text.empty()) return Rejection{Reason::kWrongType, fmt::format("a span of {} must be a text", name)};
      spans.push_back(span);
      return std::nullopt;
    };
    return texts.is_string() ? add(texts) : for_each_element(texts, name, add);
  });
}

bool is_list_of_strings(JsonValue value) {
  JsonArray list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return false;
  for (const JsonValue item : list)
    if (!item.is_string()) return false;
  return true;
}

// The list in {"entities": [...]}; or the only list of objects, whatever it is called.
std::optional<JsonValue> span_list(JsonValue value) {
  if (const auto named = span_field(value, kListNames); named && named->is_array()) return named;
  JsonObject object;
  std::optional<JsonValue> only;
  if (value.get_object().get(object) != simdjson::SUCCESS) return only;
  for (const auto field : object) {
    JsonArray list;
    if (field.value.get_array().get(list) != simdjson::SUCCESS || list.size() == 0 || !list.at(0).is_object()) continue;
    if (only) return std::nullopt;
    only = field.value;
  }
  return only;
}

std::optional<std::vector<std::string_view>> types_of_spans(JsonValue value, bool by_text) {
  JsonArray list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string_view> types;
  for (const JsonValue entry : list) {
    const auto type = span_field(entry, kTypeNames);
    if (!type) return std::nullopt;
    const auto holder = holder_of_place(entry, kDeepestPlace);
    const bool has_place = holder && span_field(*holder, kStartNames) &&
                           (span_field(*holder, kEndNames) || span_field(*holder, kLengthNames));
    const JsonValue name = name_of_type(*type);
    if (!name.is_string() || !(has_place || (by_text && span_field(entry, kSpanTexts)))) return std::nullopt;
    types.push_back(string_of(name));
  }
  return types;
}

}  // namespace

Trouble find_span_type(std::string_view type, const RowSchema& schema, std::uint32_t& index) {
  std::string tag;
  if (spec::traits_of(schema.task).classes == spec::ClassNames::kIob2) tag = "B-";
  tag += type;
  const std::int32_t c = schema.labels->find(tag);
  index = c < 0 ? spec::TagScheme::kOutside : schema.tags.type_of[static_cast<std::size_t>(c)];
  if (index == spec::TagScheme::kOutside) return Rejection{Reason::kUnknownTag, fmt::format("type \"{}\"", type)};
  return std::nullopt;
}

std::optional<std::vector<std::string_view>> list_of_spans(JsonValue value) {
  return types_of_spans(value, /*by_text=*/false);
}

std::vector<std::string_view> texts_of_spans(JsonValue value) {
  std::vector<std::string_view> texts;
  JsonArray list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return texts;
  for (const JsonValue entry : list)
    if (const auto text = span_field(entry, kSpanTexts); text && text->is_string()) texts.push_back(string_of(*text));
  return texts;
}

std::optional<std::vector<std::string_view>> spans_in_answer(JsonValue value) {
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return types_of_spans(value, true);
  if (const auto list = span_list(value)) return types_of_spans(*list, true);
  std::vector<std::string_view> types;
  for (const auto field : object) {
    if (!is_list_of_strings(field.value)) return std::nullopt;
    types.push_back(field.key);
  }
  return types;
}

Trouble read_spans(JsonValue value, const RowSchema& schema, std::vector<LoggedSpan>& spans) {
  if (!value.is_object())
    return for_each_element(value, "spans", [&](JsonValue entry) { return read_listed_span(entry, schema, spans); });
  if (const auto list = span_list(value)) return read_spans(*list, schema, spans);
  return read_texts_by_type(value, schema, spans);
}

}  // namespace noggin::data
