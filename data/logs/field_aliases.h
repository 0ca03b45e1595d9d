// Other names under which logs keep the fields of row_fields.h: read where a row lacks the field's own name.
#pragma once

#include <functional>
#include <string_view>

#include "data/json/json_row.h"
#include "data/logs/row_fields.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Reads what `row` does not have yet. is_named(field): the source says itself where this field stands. A value of
// another shape than the field's is something else and is left alone.
Trouble read_other_names(JsonObject object, const RowSchema& schema, RowFields& row,
                         const std::function<bool(std::string_view)>& is_named);

}  // namespace noggin::data
