#include "train/cli/compare/row_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "data/json/json_path.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"
#include "data/rows/excerpt.h"
#include "train/recipe/nearest_name.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

constexpr std::size_t kMostNames = 200;  // that a message may name, of the fields of hostile rows

// One field that was asked for.
struct Field {
  std::string name;
  std::optional<data::JsonPath> path;  // none: the name is no path

  explicit Field(const std::string& text) : name(text) {
    if (Result<data::JsonPath> parsed = data::JsonPath::parse(text)) path = *std::move(parsed);
  }

  std::optional<data::JsonValue> find(data::JsonValue row, data::EmbeddedJson& inner) const {
    if (auto value = data::field_of(row, name)) return value;
    return path ? path->find(row, inner) : std::nullopt;
  }
};

std::string text_of(data::JsonValue value) {
  return value.is_string() ? std::string(data::string_of(value)) : std::string(simdjson::minify(value));
}

// Calls use(line number, document) for each line that is JSON; others are no rows.
template <typename Use>
void for_each_document(const std::string& path, const Use& use) {
  data::LineReader lines = train::value_or_throw(data::LineReader::open_any(path));
  data::JsonRow parser;
  for (;;) {
    const std::optional<data::Line> line = train::value_or_throw(lines.next());
    if (!line) return;
    const data::Checked<data::JsonValue> document = parser.parse(*line);
    if (const auto* json = std::get_if<data::JsonValue>(&document)) use(line->number, *json);
  }
}

[[noreturn]] void refuse(const std::string& name, const std::string& path, const std::set<std::string>& known) {
  const std::vector<std::string> names(known.begin(), known.end());
  std::string fix = "name a field of the rows";
  if (!names.empty()) {
    std::vector<std::string> shown;
    for (const std::string& each : names) shown.push_back(data::excerpt(each));
    if (shown.size() > 12) shown.resize(12);
    fix = fmt::format("one of {}; the nearest is {}", fmt::join(shown, ", "),
                      data::excerpt(train::nearest_name(name, names)));
  }
  throw train::Failure(train::ExitCode::kUsage,
                       fmt::format("no row of {} has the field {}. Fix: {}", path, data::excerpt(name), fix));
}

}  // namespace

std::vector<std::vector<std::string>> row_fields(const std::string& path, const std::vector<std::string>& names,
                                                 std::span<const std::uint64_t> lines) {
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> rows_of;  // a document may hold several rows
  for (std::size_t row = 0; row < lines.size(); ++row) rows_of[lines[row]].push_back(row);
  std::vector<Field> fields(names.begin(), names.end());
  std::vector<std::vector<std::string>> values(names.size(), std::vector<std::string>(lines.size(), kNoValue));
  std::vector<char> seen(names.size());
  std::set<std::string> known;
  data::EmbeddedJson inner;
  for_each_document(path, [&](std::uint64_t line, data::JsonValue document) {
    const auto rows = rows_of.find(line);
    if (rows == rows_of.end() || !document.is_object()) return;
    inner.clear();
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const auto value = fields[f].find(document, inner);
      if (!value) continue;
      seen[f] = 1;
      for (const std::size_t row : rows->second) values[f][row] = text_of(*value);
    }
    for (const auto field : data::JsonObject(document)) {
      if (known.size() < kMostNames) known.emplace(field.key);
    }
  });
  for (std::size_t f = 0; f < names.size(); ++f) {
    if (seen[f] == 0 && !lines.empty()) refuse(names[f], path, known);
  }
  return values;
}

}  // namespace noggin::tool
