// JSON from outside, read without exceptions and without risk to the stack.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "bytes/json_depth.h"

namespace noggin::data {

// Nothing if the text is not JSON, is not UTF-8 or is nested deeper than kDeepestJson levels.
template <class Json = nlohmann::json>
std::optional<Json> parse_json(std::string_view text) {
  if (is_nested_too_deeply(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

}  // namespace noggin::data
