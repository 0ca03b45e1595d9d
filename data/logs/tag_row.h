// Tokens, tags and spans of one row -> gold spans and teacher, in bytes. Part of log_row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/rows/record.h"

namespace noggin::data {

// The spans of a class sequence with one class per place: IOB2 ("I-x" that follows no x begins a span, and is counted),
// or, for a scheme without B classes, runs of one class. Negative classes are outside.
std::vector<TypedSpan> spans_of_tags(std::span<const std::int32_t> classes, std::span<const TextSpan> places,
                                     const spec::TagScheme& scheme, std::uint32_t& normalized);

// Sets spans and teacher tokens of `record`, whose text is already set. Does not use the target.
Trouble build_tag_row(const RowFields& fields, const RowSchema& schema, Record& record, RowNotes& notes);

// The text of a row that has only tokens.
std::string join_tokens(const RowFields& fields);

}  // namespace noggin::data
