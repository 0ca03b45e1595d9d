#include "data/decisions/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "bytes/content_hash.h"
#include "data/rows/excerpt.h"

namespace noggin::data {

std::optional<std::string_view> string_of(JsonValue value, std::string_view name) {
  const std::optional<JsonValue> found = field_of(value, name);
  std::string_view text;
  if (!found || found->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

Trouble check_keys(JsonObject object, std::string_view where) {
  using HashedKey = std::pair<std::uint64_t, std::string_view>;  // hashes sort faster than names
  std::vector<HashedKey> keys;
  for (const auto field : object) keys.emplace_back(content_hash(field.key.data(), field.key.size()), field.key);
  std::sort(keys.begin(), keys.end());
  const auto repeated = std::adjacent_find(keys.begin(), keys.end());
  if (repeated == keys.end()) return std::nullopt;
  return Rejection{Reason::kRepeatedField, fmt::format("{} of {}", excerpt(repeated->second), excerpt(where))};
}

std::string plain_text(JsonValue value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

}  // namespace noggin::data
