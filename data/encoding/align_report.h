// Sentences about gold spans that were lost on the way to words.
#pragma once

#include <string>

#include "data/encoding/align.h"

namespace noggin::data {

// "28 of 30 spans of train (93.3 %) do not begin and end with words, ...": count, share, an example, what is probably
// wrong with them and what to do about it. Empty if there are none.
std::string describe_misaligned(const AlignmentCounts& counts, const std::string& split);
// The same for spans beyond the last token of a text that was cut. Only training loses them: longer texts of dev and
// test are read in windows.
std::string describe_cut(const AlignmentCounts& counts, const std::string& split);

}  // namespace noggin::data
