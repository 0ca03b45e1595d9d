// One JSON object whose values are the rows, with the fields of their task (row_fields.h): {"<id>": {"text": ...},
// ...}. The key is the row's id; an id inside the row is skipped. Reads a stream: memory is one row, and a row longer
// than 64 MiB is an Error. `line` in messages is where the row's value begins.
#pragma once

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// A file that is not such an object is an Error (kBadData); one that ends early gives the rows before its end.
Status read_json_object(const Source& source, const RowSchema& schema, RowSink& sink);

}  // namespace noggin::data
