// Tables of separated values (data/lines/csv.h): Source::columns names the columns in order; without it the first
// record does. Names are mapped by Source::fields as those of JSON are; a column whose name is not a field of the task
// (row_fields.h) is skipped, and rows without an id column are named "<file stem>-<line>". A record that does not have
// one value for each column is rejected by itself.
#pragma once

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Separated by tabs.
Status read_tsv(const Source& source, const RowSchema& schema, RowSink& sink);
// Separated by what the first record shows: comma, semicolon, tab or bar.
Status read_csv(const Source& source, const RowSchema& schema, RowSink& sink);

}  // namespace noggin::data
