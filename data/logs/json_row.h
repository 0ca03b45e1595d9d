// One log line as a JSON object, read once from left to right with simdjson's on-demand parser. What the adapters do
// not ask for is skipped, and checked only as far as skipping requires.
#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/logs/line_reader.h"
#include "data/logs/rejection.h"

namespace noggin::data {

// Nothing when there is no problem.
using Trouble = std::optional<Rejection>;

class JsonRow {
 public:
  using Value = simdjson::ondemand::value;
  using Object = simdjson::ondemand::object;

  // Calls visit(key, Value&) -> Trouble for each field of the row, then checks that the row is complete. A row that is
  // wrong but well formed is read to its end, so that every field is seen; the first Trouble is returned. Any error in
  // an unterminated last line is reported as kCutLastLine. Views into the row are valid until the next call.
  template <typename Visit>
  Trouble read(const Line& line, Visit&& visit);

 private:
  Trouble open(const Line& line, Object& root);
  Trouble close();

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

Trouble trouble_of(simdjson::error_code code, std::string_view where);
// True for damage after which the rest of the line cannot be read.
bool is_fatal(const Trouble& trouble);

bool is_null(JsonRow::Value& value);
// `where` names the field in messages.
Checked<std::string_view> read_string(JsonRow::Value& value, std::string_view where);
Checked<double> read_number(JsonRow::Value& value, std::string_view where);

template <typename Visit>
Trouble for_each_field(JsonRow::Object& object, Visit&& visit) {
  Trouble first;
  for (auto item : object) {
    simdjson::ondemand::field field;
    if (const auto code = std::move(item).get(field)) return trouble_of(code, "");
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key)) return trouble_of(code, "key");
    Trouble trouble = visit(key, field.value());
    if (is_fatal(trouble)) return trouble;
    if (trouble && !first) first = std::move(trouble);
  }
  return first;
}

// The same for a value that must be an object.
template <typename Visit>
Trouble for_each_field(JsonRow::Value& value, std::string_view where, Visit&& visit) {
  JsonRow::Object object;
  if (const auto code = value.get_object().get(object)) return trouble_of(code, where);
  return for_each_field(object, visit);
}

// visit(Value&) -> Trouble for each element of a value that must be an array; a Trouble ends it.
template <typename Visit>
Trouble for_each_element(JsonRow::Value& value, std::string_view where, Visit&& visit) {
  simdjson::ondemand::array array;
  if (const auto code = value.get_array().get(array)) return trouble_of(code, where);
  for (auto item : array) {
    JsonRow::Value element;
    if (const auto code = std::move(item).get(element)) return trouble_of(code, where);
    if (Trouble trouble = visit(element)) return trouble;
  }
  return std::nullopt;
}

template <typename Visit>
Trouble JsonRow::read(const Line& line, Visit&& visit) {
  Object root;
  Trouble trouble = open(line, root);
  if (!trouble) {
    trouble = for_each_field(root, visit);
    if (!is_fatal(trouble))
      if (Trouble incomplete = close()) trouble = std::move(incomplete);
  }
  if (!line.terminated && is_fatal(trouble)) return Rejection{Reason::kCutLastLine, trouble->detail};
  return trouble;
}

}  // namespace noggin::data
