// The numbers of a JSON value with the characters in which they stood; a parsed tree no longer has those.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/json/json_row.h"

namespace noggin::data {

// One entry per number of `value`, depth first in document order. `json`: the document in which `value` stands as the
// field `key`, or which is the value itself. Empty if it does not stand there.
std::vector<std::string> numbers_as_written(JsonValue value, std::string_view json, std::string_view key);

}  // namespace noggin::data
