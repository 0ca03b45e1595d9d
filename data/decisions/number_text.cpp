#include "data/decisions/number_text.h"

#include <fmt/format.h>

#include "data/json/json_repair.h"

namespace noggin::data {
namespace {

constexpr std::string_view kJsonSpaces = " \t\r\n";

std::size_t end_of_string(std::string_view json, std::size_t quote) {
  for (std::size_t at = quote + 1; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return json.size();
}

// The object or array that begins at `begin`; "" if none does.
std::string_view bracketed(std::string_view json, std::size_t begin) {
  if (begin >= json.size() || (json[begin] != '{' && json[begin] != '[')) return {};
  int depth = 0;
  for (std::size_t at = begin; at < json.size();) {
    if (json[at] == '"') {
      at = end_of_string(json, at);
      continue;
    }
    if (json[at] == '{' || json[at] == '[') ++depth;
    if (json[at] == '}' || json[at] == ']') --depth;
    ++at;
    if (depth == 0) return json.substr(begin, at - begin);
  }
  return {};
}

// The characters of the numbers of a document that a parser takes.
std::vector<std::string> number_tokens(std::string_view json) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = end_of_string(json, at);
    } else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
      const std::size_t end = std::min(json.find_first_not_of("0123456789+-.eE", at), json.size());
      tokens.emplace_back(json.substr(at, end - at));
      at = end;
    } else {
      ++at;
    }
  }
  return tokens;
}

// `text`, mended as the document was (numbers too large for a parser are strings there), if it says what `wanted` says.
std::string mended_if_same(std::string_view text, const std::string& wanted, simdjson::dom::parser& parser) {
  std::string mended;
  if (!repair_json(text, mended)) mended = text;
  JsonValue root;
  if (text.empty() || parser.parse(mended).get(root) != simdjson::SUCCESS) return {};
  return std::string(simdjson::minify(root)) == wanted ? mended : std::string();
}

}  // namespace

std::vector<std::string> numbers_as_written(JsonValue value, std::string_view json, std::string_view key) {
  simdjson::dom::parser parser;
  const std::string wanted = simdjson::minify(value);
  const std::size_t first = std::min(json.find_first_not_of(kJsonSpaces), json.size());
  std::string found = mended_if_same(bracketed(json, first), wanted, parser);
  std::string quoted = "\"";
  quoted.append(key).append("\"");
  for (std::size_t at = json.find(quoted); found.empty() && at < json.size(); at = json.find(quoted, at + 1)) {
    std::size_t begin = json.find_first_not_of(kJsonSpaces, at + quoted.size());
    if (begin >= json.size() || json[begin] != ':') continue;
    begin = json.find_first_not_of(kJsonSpaces, begin + 1);
    found = mended_if_same(bracketed(json, begin), wanted, parser);
  }
  return number_tokens(found);
}

}  // namespace noggin::data
