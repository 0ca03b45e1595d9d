// The fields of a log's row -> a Record: what can be judged only when all fields are known.
#pragma once

#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/rows/record.h"

namespace noggin::data {

struct BuiltRow {
  Record record;  // without id and source
  RowNotes notes;
};

// Text: as given, else the tokens joined by one space (tag, edit).
// Token positions: their offsets (the text there must equal the token). Without offsets, each token must follow the one
// before it in the given text, with no letter or digit between them.
// Gold spans: from tags, from spans (in any order), or for edit from the target (deletion.h).
Checked<BuiltRow> build_row(const RowFields& fields, const RowSchema& schema);

}  // namespace noggin::data
