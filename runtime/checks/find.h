// All checks of a model together: the next span in a text.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "noggin/text_span.h"
#include "spec/check.h"

namespace noggin::checks {

// The first span at or behind `from`: of those that start there the longest, of several the one that is declared first.
// Its probability is 1. False: there is none. Time is linear in the text (kinds.h has the bounds) over all calls, where
// each begins where the span before ended.
bool find_next(std::span<const spec::Check> checks, std::string_view text, std::size_t from, TaggedSpan& span);

}  // namespace noggin::checks
