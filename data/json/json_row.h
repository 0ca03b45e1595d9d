// One document of a log as a JSON tree (simdjson), and how its values are read. What is certain in a document that JSON
// does not allow is read all the same: NaN and the infinities of Python, numbers beyond a double, halves of surrogate
// pairs (json_repair.h).
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/lines/line_reader.h"
#include "data/rows/rejection.h"

namespace noggin::data {

using JsonValue = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

class JsonRow {
 public:
  using Value = JsonValue;

  JsonRow();
  // The document, or why it is none. Any error in an unterminated last line is reported as kCutLastLine. Valid, with
  // all views into it, until the next call.
  Checked<JsonValue> parse(const Line& line);
  // The same for a text without room behind it, which is copied.
  Checked<JsonValue> parse_copy(std::string_view text);

  // Calls visit(key, Value&) -> Trouble for each field of a row that is an object, in its order; every field is seen,
  // the first Trouble is returned.
  template <typename Visit>
  Trouble read(const Line& line, Visit&& visit);

 private:
  Checked<JsonValue> parse_padded(std::string_view text);
  Checked<JsonValue> parse_doubtful(const Line& line);

  simdjson::dom::parser parser_;     // takes no document that is nested too deeply
  simdjson::dom::parser any_depth_;  // for what that one does not take
  std::string copy_;                 // of parse_copy()
  std::string repaired_;             // the document, where it had to be mended
};

// Nothing when `code` is a success.
Trouble trouble_of(simdjson::error_code code, std::string_view where);

// Why a line is no JSON object, by what it looks like: `why` a parser refused it.
Rejection not_an_object(const Line& line, const Rejection& why);

inline bool is_null(JsonValue value) { return value.is_null(); }
// `where` names the field in messages.
Checked<std::string_view> read_string(JsonValue value, std::string_view where);
// A number, or a string that spells one. May be -infinity, which stands for "no mass" in logs; NaN and +infinity are
// kNotFinite.
Checked<double> read_number(JsonValue value, std::string_view where);

// A number, or a string that spells one, without a fraction.
Checked<std::int64_t> read_whole(JsonValue value, std::string_view where);

template <typename Visit>
Trouble for_each_field(JsonObject object, Visit&& visit) {
  Trouble first;
  for (const auto field : object) {
    JsonValue value = field.value;
    Trouble trouble = visit(field.key, value);
    if (trouble && !first) first = std::move(trouble);
  }
  return first;
}

// The same for a value that must be an object.
template <typename Visit>
Trouble for_each_field(JsonValue value, std::string_view where, Visit&& visit) {
  JsonObject object;
  if (const auto code = value.get_object().get(object)) return trouble_of(code, where);
  return for_each_field(object, visit);
}

// visit(Value&) -> Trouble for each element of a value that must be an array; a Trouble ends it.
template <typename Visit>
Trouble for_each_element(JsonValue value, std::string_view where, Visit&& visit) {
  JsonArray array;
  if (const auto code = value.get_array().get(array)) return trouble_of(code, where);
  for (JsonValue element : array)
    if (Trouble trouble = visit(element)) return trouble;
  return std::nullopt;
}

template <typename Visit>
Trouble JsonRow::read(const Line& line, Visit&& visit) {
  const Checked<JsonValue> root = parse(line);
  if (const auto* bad = std::get_if<Rejection>(&root)) return not_an_object(line, *bad);
  JsonObject object;
  if (std::get<JsonValue>(root).get_object().get(object) != simdjson::SUCCESS)
    return Rejection{Reason::kNotAnObject, {}};
  return for_each_field(object, visit);
}

}  // namespace noggin::data
