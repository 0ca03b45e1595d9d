#include "data/json/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bytes/json_depth.h"

namespace noggin::data {
namespace {

bool holds_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  const char closing = text[first] == '{' ? '}' : text[first] == '[' ? ']' : '\0';
  return closing != '\0' && text[text.find_last_not_of(" \t\r\n")] == closing;
}

// OTLP's {"stringValue": "x"} -> "x".
JsonValue unwrapped(JsonValue value) {
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS || object.size() != 1) return value;
  const simdjson::dom::key_value_pair only = *object.begin();
  for (const std::string_view name : {"stringValue", "intValue", "doubleValue", "boolValue"})
    if (only.key == name) return only.value;
  return value;
}

std::optional<JsonValue> not_null(JsonValue value) { return value.is_null() ? std::nullopt : std::optional(value); }

std::optional<JsonValue> element_of(JsonValue value, std::int64_t at) {
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
  const auto size = static_cast<std::int64_t>(array.size());
  std::int64_t left = at < 0 ? size + at : at;
  if (left < 0 || left >= size) return std::nullopt;
  for (const JsonValue element : array)
    if (left-- == 0) return not_null(element);
  return std::nullopt;
}

// Whether a value is this string, or is written like this.
bool spells(JsonValue value, std::string_view wanted) {
  if (value.is_string()) return string_of(value) == wanted;
  std::int64_t whole = 0;
  if (value.get_int64().get(whole) != simdjson::SUCCESS) return simdjson::minify(value) == wanted;
  std::array<char, 24> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), whole).ptr;
  return std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())) == wanted;
}

std::optional<JsonValue> element_where(JsonValue value, std::string_view key, std::string_view wanted) {
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
  for (const JsonValue element : array) {
    const std::optional<JsonValue> field = field_of(element, key);
    if (!field) continue;
    if (spells(*field, wanted)) return element;
  }
  return std::nullopt;
}

}  // namespace

std::string_view string_of(JsonValue value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// flatten: simdjson's iterators are inlined here, which a compiler does not do by itself (twice the instructions).
[[gnu::flatten]] std::optional<JsonValue> field_of(JsonValue value, std::string_view key) {
  JsonObject object;
  if (value.get_object().get(object) == simdjson::SUCCESS) {
    const auto end = object.end();
    for (auto field = object.begin(); field != end; ++field)
      if (field.key_equals(key)) return not_null(field.value());
    return std::nullopt;
  }
  JsonArray pairs;
  if (value.get_array().get(pairs) != simdjson::SUCCESS) return std::nullopt;
  for (const JsonValue pair : pairs) {
    std::string_view name;
    if (pair.at_key("key").get_string().get(name) != simdjson::SUCCESS || name != key) continue;
    JsonValue field;
    if (pair.at_key("value").get(field) != simdjson::SUCCESS) return std::nullopt;
    return not_null(unwrapped(field));
  }
  return std::nullopt;
}

JsonValue EmbeddedJson::open(JsonValue value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || !holds_json(text)) return value;
  for (std::size_t i = 0; i < used_; ++i)
    if (documents_[i]->source == text.data()) return documents_[i]->root;
  if (is_nested_too_deeply(text)) return value;
  if (used_ == documents_.size()) documents_.push_back(std::make_unique<Document>());
  Document& document = *documents_[used_];
  if (document.parser.parse(text.data(), text.size()).get(document.root) != simdjson::SUCCESS) return value;
  document.source = text.data();
  ++used_;
  return document.root;
}

Result<JsonPath> JsonPath::parse(std::string_view text) {
  const auto wrong = [text](std::size_t place, std::string_view what) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is no path of a field: {} at character {}. Fix: write names joined by dots, [n] "
                             "for an element, [key=value] for the first one that has it, \"...\" around a name with "
                             "dots, as body.messages[-1].content",
                             text, what, place + 1)};
  };
  JsonPath path;
  path.text_ = text;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '[') {
      const std::size_t close = text.find(']', at);
      if (close == std::string_view::npos) return wrong(at, "[ without ]");
      const std::string_view inside = text.substr(at + 1, close - at - 1);
      const std::size_t equals = inside.find('=');
      if (equals != std::string_view::npos && equals > 0) {
        path.steps_.push_back(Where{std::string(inside.substr(0, equals)), std::string(inside.substr(equals + 1))});
      } else {
        std::int64_t number = 0;
        const auto [end, code] = std::from_chars(inside.data(), inside.data() + inside.size(), number);
        if (code != std::errc() || end != inside.data() + inside.size())
          return wrong(at + 1, "neither a number nor key=value");
        path.steps_.push_back(Index{number});
      }
      at = close + 1;
      if (at < text.size() && text[at] != '.' && text[at] != '[') return wrong(at, "no dot");
    } else {
      if (text[at] == '.' && !path.steps_.empty()) ++at;
      const bool quoted = at < text.size() && text[at] == '"';
      const std::size_t begin = quoted ? at + 1 : at;
      const std::size_t end = std::min(quoted ? text.find('"', begin) : text.find_first_of(".[", begin), text.size());
      if (quoted && end == text.size()) return wrong(at, "an open quote");
      if (end == begin) return wrong(at, "a name is missing");
      path.steps_.push_back(Name{std::string(text.substr(begin, end - begin))});
      at = end + (quoted ? 1 : 0);
      if (at < text.size() && text[at] != '.' && text[at] != '[') return wrong(at, "no dot");
    }
    if (at + 1 == text.size() && text[at] == '.') return wrong(at, "a dot without a name");
  }
  if (path.steps_.empty()) return wrong(0, "nothing");
  return path;
}

std::optional<std::string_view> JsonPath::first_name() const {
  const auto* name = steps_.empty() ? nullptr : std::get_if<Name>(&steps_.front());
  return name == nullptr ? std::nullopt : std::optional<std::string_view>(name->key);
}

std::optional<JsonValue> JsonPath::find(JsonValue root, EmbeddedJson& inner) const {
  return walk(root, 0, steps_.size(), inner);
}

std::optional<JsonValue> JsonPath::walk(JsonValue place, std::size_t from, std::size_t to, EmbeddedJson& inner) const {
  for (std::size_t i = from; i < std::min(to, steps_.size()); ++i) {
    const JsonValue value = place.is_string() ? inner.open(place) : place;
    std::optional<JsonValue> next;
    if (const auto* name = std::get_if<Name>(&steps_[i]))
      next = field_of(value, name->key);
    else if (const auto* index = std::get_if<Index>(&steps_[i]))
      next = element_of(value, index->at);
    else
      next = element_where(value, std::get<Where>(steps_[i]).key, std::get<Where>(steps_[i]).value);
    if (!next) return std::nullopt;
    place = *next;
  }
  return place;
}

JsonPaths::JsonPaths(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bar = text.find('|');
    const std::string_view path = text.substr(0, bar);
    paths_.push_back(path == "." ? JsonPath() : *JsonPath::parse(path));
    const bool as_before = paths_.size() > 1 && paths_.back().begins_like(paths_[paths_.size() - 2]);
    begins_as_before_.push_back(as_before ? 1 : 0);
    text = bar == std::string_view::npos ? std::string_view() : text.substr(bar + 1);
  }
}

static bool holds_nothing(JsonValue value) {
  JsonObject object;
  JsonArray array;
  if (value.get_object().get(object) == simdjson::SUCCESS) return object.size() == 0;
  return value.get_array().get(array) == simdjson::SUCCESS && array.size() == 0;
}

std::optional<JsonValue> JsonPaths::find(JsonValue root, EmbeddedJson& inner) const {
  std::optional<JsonValue> empty, first;  // first: where the first step leads
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (begins_as_before_[i] == 0) first = paths_[i].walk(root, 0, 1, inner);
    if (!first) continue;
    const auto found = paths_[i].walk(*first, 1, static_cast<std::size_t>(-1), inner);
    if (!found) continue;
    if (!holds_nothing(*found)) return found;
    if (!empty) empty = found;
  }
  return empty;
}

}  // namespace noggin::data
