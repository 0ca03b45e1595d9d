#include "data/json/json_row.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <new>

#include "bytes/json_depth.h"
#include "data/json/json_repair.h"

namespace noggin::data {
namespace {

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

// What a string says as a number, as Python and others spell it; nothing if it says none.
std::optional<double> spelled_number(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool negative = text.starts_with('-');
  const std::string_view magnitude = text.substr(negative || text.starts_with('+') ? 1 : 0);
  for (const std::string_view name : {"Infinity", "infinity", "inf", "Inf"})
    if (magnitude == name) return negative ? -kInfinity : kInfinity;
  if (magnitude == "NaN" || magnitude == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (magnitude.empty() || magnitude.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  double number = 0;
  const auto [end, code] = std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), number);
  if (end != magnitude.data() + magnitude.size() || code == std::errc::invalid_argument) return std::nullopt;
  if (code == std::errc::result_out_of_range) {  // beyond the largest double, or below the smallest
    const std::size_t exponent = magnitude.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos && magnitude.substr(exponent + 1).starts_with('-');
    number = tiny ? 0.0 : kInfinity;
  }
  return negative ? -number : number;
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

// With this depth simdjson refuses what has kDeepestJson levels or more, an innermost empty one not counted. A document
// that it takes therefore needs no other check: it is not too deep, and a NUL byte is no JSON anywhere.
JsonRow::JsonRow() {
  if (parser_.allocate(0, kDeepestJson) != simdjson::SUCCESS) throw std::bad_alloc();
}

Checked<JsonValue> JsonRow::parse_padded(std::string_view text) {
  JsonValue root;
  const auto code = any_depth_.parse(text.data(), text.size(), /*realloc_if_needed=*/false).get(root);
  if (code == simdjson::SUCCESS) return root;
  return *trouble_of(code, "");
}

Checked<JsonValue> JsonRow::parse(const Line& line) {
  if (line.too_long) return Rejection{Reason::kLineTooLong, {}};
  if (line.values != line.columns) {
    const Reason reason = line.terminated ? Reason::kColumnCount : Reason::kCutLastLine;
    return Rejection{reason, fmt::format("{} values, {} columns", line.values, line.columns)};
  }
  JsonValue shallow;
  if (parser_.parse(line.text.data(), line.text.size(), /*realloc_if_needed=*/false).get(shallow) == simdjson::SUCCESS)
    return shallow;
  return parse_doubtful(line);
}

Checked<JsonValue> JsonRow::parse_copy(std::string_view text) {
  copy_.reserve(text.size() + kLinePadding);
  copy_.assign(text);
  return parse({.text = copy_});
}

// What is wrong with a line, if anything is.
Checked<JsonValue> JsonRow::parse_doubtful(const Line& line) {
  if (line.text.find('\0') != std::string_view::npos) return Rejection{Reason::kNulByte, {}};
  if (is_nested_too_deeply(line.text)) return Rejection{Reason::kTooDeep, {}};
  Checked<JsonValue> root = parse_padded(line.text);
  auto* bad = std::get_if<Rejection>(&root);
  if (bad != nullptr && bad->reason == Reason::kBadJson && repair_json(line.text, repaired_)) {
    repaired_.reserve(repaired_.size() + kLinePadding);
    root = parse_padded(repaired_);
    bad = std::get_if<Rejection>(&root);
  }
  if (bad != nullptr && !line.terminated && (bad->reason == Reason::kBadJson || bad->reason == Reason::kInvalidUtf8))
    return Rejection{Reason::kCutLastLine, std::move(bad->detail)};
  return root;
}

Rejection not_an_object(const Line& line, const Rejection& why) {
  if (why.reason == Reason::kBadJson && !line.text.starts_with('{')) return {Reason::kNotAnObject, {}};
  return why;
}

Checked<std::string_view> read_string(JsonValue value, std::string_view where) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return text;
  return Rejection{Reason::kWrongType, fmt::format("{} must be a string", where)};
}

Checked<double> read_number(JsonValue value, std::string_view where) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) return number;
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    const std::optional<double> spelled = spelled_number(text);
    if (spelled && (std::isnan(*spelled) || *spelled == std::numeric_limits<double>::infinity()))
      return Rejection{Reason::kNotFinite, fmt::format("{} is {}", where, text)};
    if (spelled) return *spelled;
  }
  const std::string shown = simdjson::minify(value);
  return Rejection{Reason::kWrongType, fmt::format("{} is {}, must be a number", where, shown.substr(0, 200))};
}

Checked<std::int64_t> read_whole(JsonValue value, std::string_view where) {
  std::int64_t whole = 0;
  if (value.get_int64().get(whole) == simdjson::SUCCESS) return whole;
  constexpr double kLargest = 9007199254740992.0;  // 2^53: beyond it a double has no fractions to tell
  const Checked<double> number = read_number(value, where);
  if (const auto* read = std::get_if<double>(&number); read != nullptr && *read >= -kLargest && *read <= kLargest) {
    whole = static_cast<std::int64_t>(*read);
    if (static_cast<double>(whole) == *read) return whole;
  }
  return Rejection{Reason::kWrongType, fmt::format("{} must be a whole number", where)};
}

}  // namespace noggin::data
