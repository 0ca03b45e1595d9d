// Rows by what they have in common, and what has changed in each of these slices.
#pragma once

#include <vector>

#include "export/compare/judged_rows.h"

namespace noggin::exporter {

// Of one dimension so many values with most rows are slices of their own; the others are one slice together.
inline constexpr std::size_t kMostSliceValues = 100;

// By "class" (gold; of several, each), "length", "teacher's confidence", "unknown words", and "field:NAME" for each
// field, as far as they are known. p-values are corrected over all of them.
std::vector<SliceDifference> slice_rows(const CompareInput& input, const JudgedRows& judged);

}  // namespace noggin::exporter
