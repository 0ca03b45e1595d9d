#include "data/logs/json_row.h"

#include <fmt/format.h>

#include <algorithm>

#include "bytes/json_depth.h"

namespace noggin::data {
namespace {

bool opens(char c) { return c == '{' || c == '['; }

// Few lines have more brackets than the limit allows levels; only those are scanned.
bool too_deep(std::string_view text) {
  return std::count_if(text.begin(), text.end(), opens) > kDeepestJson && is_nested_too_deeply(text);
}

const char* bad_json(simdjson::error_code code) {
  switch (code) {
    case simdjson::UNCLOSED_STRING:
      return "a string has no closing quote";
    case simdjson::STRING_ERROR:
      return "a string holds an escape that JSON does not have";
    case simdjson::UNESCAPED_CHARS:
      return "a string holds a control character that is not escaped";
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return "a number is malformed or too large";
    case simdjson::EMPTY:
      return "there is nothing in it";
    default:
      return "brackets, commas, colons or words are not where JSON has them";
  }
}

}  // namespace

Trouble trouble_of(simdjson::error_code code, std::string_view where) {
  switch (code) {
    case simdjson::SUCCESS:
      return std::nullopt;
    case simdjson::UTF8_ERROR:
      return Rejection{Reason::kInvalidUtf8, {}};
    case simdjson::INCORRECT_TYPE:
      return Rejection{Reason::kWrongType, std::string(where)};
    default:
      return Rejection{Reason::kBadJson, bad_json(code)};
  }
}

bool is_fatal(const Trouble& trouble) {
  return trouble && (trouble->reason == Reason::kBadJson || trouble->reason == Reason::kInvalidUtf8);
}

Trouble JsonRow::open(const Line& line, Object& root) {
  if (line.too_long) return Rejection{Reason::kLineTooLong, {}};
  if (line.text.find('\0') != std::string_view::npos) return Rejection{Reason::kNulByte, {}};
  if (too_deep(line.text)) return Rejection{Reason::kTooDeep, {}};
  const simdjson::padded_string_view json(line.text.data(), line.text.size(), line.text.size() + kLinePadding);
  if (const auto code = parser_.iterate(json).get(document_)) return trouble_of(code, "");
  simdjson::ondemand::json_type type;
  if (const auto code = document_.type().get(type)) return trouble_of(code, "");
  if (type != simdjson::ondemand::json_type::object) return Rejection{Reason::kNotAnObject, {}};
  return trouble_of(document_.get_object().get(root), "");
}

Trouble JsonRow::close() {
  const char* rest = nullptr;  // after the last token there is no location
  if (document_.current_location().get(rest) == simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return Rejection{Reason::kBadJson, "something follows the object"};
}

bool is_null(JsonRow::Value& value) {
  simdjson::ondemand::json_type type;
  return value.type().get(type) == simdjson::SUCCESS && type == simdjson::ondemand::json_type::null;
}

Checked<std::string_view> read_string(JsonRow::Value& value, std::string_view where) {
  std::string_view text;
  if (const auto code = value.get_string().get(text)) {
    if (code == simdjson::INCORRECT_TYPE)
      return Rejection{Reason::kWrongType, fmt::format("{} must be a string", where)};
    return *trouble_of(code, where);
  }
  return text;
}

Checked<double> read_number(JsonRow::Value& value, std::string_view where) {
  double number = 0;
  const std::string_view token = value.raw_json_token();
  const auto code = value.get_double().get(number);
  if (code == simdjson::SUCCESS) return number;
  const std::string shown = fmt::format("{} is {}", where, token.substr(0, token.find_last_not_of(" \t\r\n,") + 1));
  const std::string_view magnitude = token.substr(token.starts_with('-') ? 1 : 0);
  if (magnitude.starts_with("NaN") || magnitude.starts_with("nan") || magnitude.starts_with("Inf") ||
      magnitude.starts_with("inf"))
    return Rejection{Reason::kNotFinite, shown};
  return Rejection{Reason::kWrongType, shown + ", must be a number"};
}

}  // namespace noggin::data
