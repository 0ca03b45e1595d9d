#include "export/pages/json_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

const Json kNothing;

std::string joined(const Json& list) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : ", ") + words(item);
  return text.empty() ? "-" : text;
}

bool is_flat(const Json& list) {
  return std::ranges::none_of(list, [](const Json& item) { return item.is_structured(); });
}

}  // namespace

const Json& member(const Json& json, std::string_view key) {
  if (!json.is_object()) return kNothing;
  const auto found = json.find(std::string(key));
  return found == json.end() ? kNothing : *found;
}

const Json& member(const Json& json, std::initializer_list<std::string_view> keys) {
  const Json* inner = &json;
  for (const std::string_view key : keys) inner = &member(*inner, key);
  return *inner;
}

std::optional<double> number(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  return json.get<double>();
}

std::uint64_t count(const Json& json) {
  const std::optional<double> value = number(json);
  return value && *value >= 0.0 && *value < 1e18 ? static_cast<std::uint64_t>(*value) : 0;
}

std::string string(const Json& json) { return json.is_string() ? json.get<std::string>() : std::string(); }

bool yes(const Json& json) { return json.is_boolean() && json.get<bool>(); }

std::optional<Interval> interval(const Json& json) {
  const auto value = number(member(json, "value")), low = number(member(json, "low")),
             high = number(member(json, "high"));
  if (!value || !low || !high) return std::nullopt;
  return Interval{*value, *low, *high};
}

std::string words(const Json& json) {
  if (const auto range = interval(json)) return percent(range) + " %";
  if (json.is_null() || (json.is_string() && string(json).empty())) return "-";
  if (json.is_string()) return string(json);
  if (json.is_boolean()) return yes(json) ? "yes" : "no";
  if (json.is_number_integer()) return fmt::format("{}", json.get<std::int64_t>());
  if (json.is_number()) return fmt::format("{:.6g}", json.get<double>());
  if (json.is_array() && is_flat(json)) return joined(json);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string spoken(std::string_view key) {
  std::string text(key);
  std::ranges::replace(text, '_', ' ');
  return text;
}

}  // namespace noggin::exporter
