// Documents that are no row but hold several: what an API lists ({"data": [...]}), a table server pages ({"rows":
// [...]}) and OpenTelemetry exports ({"resourceSpans": [{"scopeSpans": [{"spans": [...]}]}]}).
#pragma once

#include <string>
#include <vector>

#include "data/json/json_row.h"

namespace noggin::data {

// The rows as JSON, with kLinePadding bytes behind each; none if `root` holds no list of rows. Only to be asked of a
// document that is not a row itself.
std::vector<std::string> inner_rows(JsonValue root);

}  // namespace noggin::data
