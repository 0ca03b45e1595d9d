// Reading what a run has recorded, for pages: a file of another version, or one that somebody has edited, lacks a line
// on the page and nothing worse. Nothing here throws.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "export/report/statistics.h"

namespace noggin::exporter {

using Json = nlohmann::ordered_json;

// The member of an object; null if there is none, or `json` is no object.
const Json& member(const Json& json, std::string_view key);
// Of the named members of members, from the outside in.
const Json& member(const Json& json, std::initializer_list<std::string_view> keys);

std::optional<double> number(const Json& json);
std::uint64_t count(const Json& json);  // 0 unless a number from 0
std::string string(const Json& json);   // "" unless a string
bool yes(const Json& json);             // false unless true

// {"value", "low", "high"}
std::optional<Interval> interval(const Json& json);

// As a person reads it: "12,345", "0.0123", "yes", "a, b", "95.00 [93.75, 96.17] %" for an interval, "-" for null; JSON
// for what is nested deeper.
std::string words(const Json& json);
// "median_microseconds" -> "median microseconds"
std::string spoken(std::string_view key);

}  // namespace noggin::exporter
