// Lines of tab-separated values, in the order of Source::columns. No quoting, no header; a column whose name is not a
// field of the task (row_fields.h) is skipped, and rows without an id column are named "<file stem>-<line>".
#pragma once

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

Status read_tsv(const Source& source, const RowSchema& schema, RowSink& sink);

}  // namespace noggin::data
