// The decision about the primary measure: tests, margin, verdict, and the sentence that says why.
#pragma once

#include "export/compare/judged_rows.h"

namespace noggin::exporter {

// Fills verdict, because and everything between `margin` and `detectable`. measures and paired must be there.
void decide(const CompareInput& input, const JudgedRows& judged, Comparison& comparison);

}  // namespace noggin::exporter
