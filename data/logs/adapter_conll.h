// CoNLL files: one token a line with its tag, columns separated by tabs or spaces, a blank line after each sentence.
#pragma once

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// A sentence becomes a row of the tag task: its tokens joined by spaces, its tags as tag_names.h reads them (IOB1,
// IOB2, BIOES). Tokens stand in the first column and tags in the last, unless Source::columns names "tokens" and
// "tags". -DOCSTART- lines and comments (# at the beginning of a sentence) are skipped. A sentence in which a line has
// another number of columns than the file's first is rejected as a whole. kInvalidArgument for another task, or columns
// that name no tokens or tags.
Status read_conll(const Source& source, const RowSchema& schema, RowSink& sink);

}  // namespace noggin::data
