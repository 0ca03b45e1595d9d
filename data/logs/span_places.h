// Where the spans of a row lie: from their offsets, checked against the text that they say they have, or by finding
// that text. Part of log_row.
#pragma once

#include <string_view>
#include <vector>

#include "data/logs/row_fields.h"
#include "data/logs/row_sink.h"
#include "data/rows/offset_walk.h"
#include "data/rows/record.h"

namespace noggin::data {

// [start, end) in the unit of the walk to bytes; must not precede an earlier call's range.
Trouble place_of(OffsetWalk& walk, std::int64_t start, std::int64_t end, TextSpan& place);

// Places of `logged`, ascending. Spans with offsets: in `unit`; if their own texts do not lie there, but all lie where
// exactly one other unit puts them, that unit is taken, written to `unit`, and noted. Spans with a text alone: found
// where it stands, if it stands there as often as spans name it, apart from what longer spans hold: the n-th for the
// n-th.
Trouble place_spans(const std::vector<LoggedSpan>& logged, std::string_view text, TextUnit& unit, RowNotes& notes,
                    std::vector<TypedSpan>& spans);

}  // namespace noggin::data
