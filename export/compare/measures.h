// Every measure of a task for both models, with the paired bootstrap interval of the difference.
#pragma once

#include <vector>

#include "export/compare/judged_rows.h"

namespace noggin::exporter {

// The primary measure first; nothing if no row has gold.
std::vector<MeasureDifference> measure_rows(const CompareInput& input, const JudgedRows& judged);

// The difference of the primary measure at another level than 95 %.
Interval primary_difference(const CompareInput& input, const JudgedRows& judged, double level);

}  // namespace noggin::exporter
