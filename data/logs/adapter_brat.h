// BRAT's standoff annotations: a text (NAME.txt) and, beside it, the places of its spans (NAME.ann).
#pragma once

#include <string>
#include <vector>

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Each text becomes a row of the tag task, with NAME as its id. Source::path is an .ann file, or a folder whose .ann
// files are read by name; a rejected one is told by its name, and by its number as line. Of the annotations,
// "T1<tab>TYPE START END<tab>TEXT" are spans, whose text is checked; events, relations, attributes and notes are
// skipped. A span in pieces (START END;START END) rejects its row. kInvalidArgument for another task; kNotFound if a
// text is missing, or a folder has no .ann file.
Status read_brat(const Source& source, const RowSchema& schema, RowSink& sink);

// The files of any source: its path alone, except for brat, where they are the annotations and their texts.
std::vector<std::string> files_of(const Source& source);

}  // namespace noggin::data
