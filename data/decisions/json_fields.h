// Fields of JSON objects whose writers are many: absent and null are the same, and a key that stands twice is found.
#pragma once

#include <optional>
#include <string_view>

#include "data/json/json_path.h"

namespace noggin::data {

// The string in a field (field_of, json_path.h); nothing also if it is no string.
std::optional<std::string_view> string_of(JsonValue value, std::string_view name);
// kRepeatedField with `where` and the first key that stands twice in the object. Its fields are not looked into.
Trouble check_keys(JsonObject object, std::string_view where);
// A string as it is; anything else as JSON without white space.
std::string plain_text(JsonValue value);

}  // namespace noggin::data
