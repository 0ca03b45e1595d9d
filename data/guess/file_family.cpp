#include "data/guess/file_family.h"

#include <algorithm>
#include <map>

#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/logs/row_finder.h"
#include "data/logs/tag_tools.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr int kLookedAt = 20;
constexpr std::size_t kNamedFields = 8;

std::string fields_of(JsonValue root) {
  JsonObject object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return {};
  std::string names;
  std::size_t shown = 0;
  for (const auto field : object) {
    if (shown++ == kNamedFields) return names + ", ...";
    names += (names.empty() ? " with the fields " : ", ") + excerpt(field.key);
  }
  return names;
}

}  // namespace

std::string family_of_file(const std::string& path) {
  Result<LineReader> reader = LineReader::open_any(path);
  if (!reader) return {};
  JsonRow json;
  RowFinder finder;
  FoundRow found;
  std::map<std::string, int> families;
  for (int i = 0; i < kLookedAt; ++i) {
    const Result<std::optional<Line>> line = reader->next();
    if (!line || !line->has_value()) break;
    const Checked<JsonValue> root = json.parse(**line);
    if (!std::holds_alternative<JsonValue>(root)) {
      ++families["lines that are no JSON"];
      continue;
    }
    const JsonValue value = std::get<JsonValue>(root);
    finder.find(value, found);
    const TagTool* tool = found.is_own_row ? find_tag_tool(value) : nullptr;
    ++families[tool != nullptr    ? std::string(tool->name)
               : found.is_own_row ? std::string(RowFinder::kOurRows).append(fields_of(value))
                                  : std::string(found.family)];
  }
  const auto most = std::max_element(families.begin(), families.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == families.end() ? std::string() : most->first;
}

}  // namespace noggin::data
