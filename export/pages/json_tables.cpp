#include "export/pages/json_tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace noggin::exporter {
namespace {

bool fits_a_cell(const Json& value) {
  if (!value.is_structured() || interval(value)) return true;
  return value.is_array() && std::ranges::none_of(value, [](const Json& item) { return item.is_structured(); });
}

std::vector<std::string> keys_of(const Json& list, const ListOptions& options) {
  std::vector<std::string> keys = options.keys;
  if (keys.empty())
    for (const auto& [key, value] : list.front().items())
      if (fits_a_cell(value)) keys.push_back(key);
  std::erase_if(keys, [&](const std::string& key) {
    const auto empty = [&key](const Json& row) {
      const Json& value = member(row, key);
      return value.is_null() || value == "";
    };
    return std::ranges::all_of(list, empty);
  });
  return keys;
}

bool holds_numbers(const Json& list, const std::string& key) {
  return std::ranges::all_of(list, [&key](const Json& row) {
    const Json& value = member(row, key);
    return value.is_null() || value.is_number() || interval(value).has_value();
  });
}

}  // namespace

html::Markup facts_of(const Json& object) {
  std::vector<std::pair<std::string, std::string>> values;
  if (object.is_object())
    for (const auto& [key, value] : object.items())
      if (fits_a_cell(value)) values.emplace_back(spoken(key), words(value));
  return html::facts(values);
}

html::Markup table_of(const Json& list, const ListOptions& options) {
  if (!list.is_array() || list.empty() || !list.front().is_object()) return {};
  const std::vector<std::string> keys = keys_of(list, options);
  std::vector<html::Column> columns;
  const auto is_share = [&options](const std::string& key) {
    return std::ranges::find(options.shares, key) != options.shares.end();
  };
  for (const std::string& key : keys)
    columns.push_back({spoken(key) + (is_share(key) ? " %" : ""), holds_numbers(list, key)});
  html::Table table(std::move(columns));
  const std::size_t shown = std::min(options.most, list.size());
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells;
    for (const std::string& key : keys) {
      const Json& value = member(list[i], key);
      cells.push_back(is_share(key) && value.is_number() ? fmt::format("{:.2f}", 100.0 * value.get<double>())
                                                         : words(value));
    }
    table.add_texts(cells);
  }
  html::Markup markup = table.markup();
  if (shown < list.size())
    markup += html::element("p", {{"class", "soft"}}, html::text(fmt::format("... and {} more", list.size() - shown)));
  return markup;
}

Json list_of(const Json& object, const std::string& key) {
  Json list = Json::array();
  if (!object.is_object()) return list;
  for (const auto& [name, values] : object.items()) {
    Json row = {{key, name}};
    if (values.is_object()) row.update(values);
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace noggin::exporter
