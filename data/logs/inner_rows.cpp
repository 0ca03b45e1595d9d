#include "data/logs/inner_rows.h"

#include <span>
#include <string_view>

#include "data/json/json_path.h"

namespace noggin::data {
namespace {

// Lists that lead to the rows, the outermost first. The first that a document has counts.
constexpr std::string_view kSpans[] = {"resourceSpans", "scopeSpans", "spans"};
constexpr std::string_view kOldSpans[] = {"resourceSpans", "instrumentationLibrarySpans", "spans"};
constexpr std::string_view kRows[] = {"rows"}, kData[] = {"data"}, kItems[] = {"items"}, kResults[] = {"results"},
                           kRecords[] = {"records"}, kExamples[] = {"examples"}, kObservations[] = {"observations"},
                           kRuns[] = {"runs"};
constexpr std::span<const std::string_view> kLists[] = {kSpans,   kOldSpans, kRows,     kData,         kItems,
                                                        kResults, kRecords,  kExamples, kObservations, kRuns};

void add_row(JsonValue row, std::vector<std::string>& rows) {
  const auto wrapped = field_of(row, "row");  // {"row_idx", "row": {...}}
  std::string& text = rows.emplace_back(simdjson::minify(wrapped && wrapped->is_object() ? *wrapped : row));
  text.reserve(text.size() + kLinePadding);
}

void add_rows(JsonValue value, std::span<const std::string_view> names, std::vector<std::string>& rows) {
  JsonArray list;
  if (value.at_key(names.front()).get_array().get(list) != simdjson::SUCCESS) return;
  for (const JsonValue item : list) {
    if (!item.is_object()) continue;
    if (names.size() == 1)
      add_row(item, rows);
    else
      add_rows(item, names.subspan(1), rows);
  }
}

// The rows of the first list that a document has.
void add_listed(JsonValue document, std::vector<std::string>& rows) {
  for (const std::span<const std::string_view> names : kLists)
    if (rows.empty()) add_rows(document, names, rows);
}

}  // namespace

std::vector<std::string> inner_rows(JsonValue root) {
  std::vector<std::string> rows;
  JsonObject object;
  if (root.get_object().get(object) != simdjson::SUCCESS) return rows;
  add_listed(root, rows);
  for (const auto field : object)  // {"results": {"version": 3, "results": [...]}}
    if (rows.empty() && field.value.is_object()) add_listed(field.value, rows);
  return rows;
}

}  // namespace noggin::data
