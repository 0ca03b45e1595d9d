// Tags of tokens as logs and tools call them -> classes in IOB2.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/rows/row_schema.h"

namespace noggin::data {

// The class of a tag, or kNoLabel. A class of that name or number (class_fields.h) first; for the tag task also the
// other prefixes that schemes use for a type x, with - or _ behind them:
//   S-x, U-x (alone), B-x   -> B-x
//   E-x, L-x (last), M-x    -> I-x
//   x without a prefix      -> I-x, which begins a span where none is open
std::int32_t find_tag(std::string_view tag, const RowSchema& schema, bool& numbered);

}  // namespace noggin::data
