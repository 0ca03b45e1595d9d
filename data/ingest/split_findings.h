// What an ingest should say about its rows although nothing in them is wrong by itself: splits that share texts, rows
// that contradict each other, classes without rows, gold that was lost.
#pragma once

#include <string>
#include <vector>

#include "data/ingest/ingest_plan.h"

namespace noggin::data {

// One sentence or two each: which split, how many rows of how many, an example, and what to do. In the order of the
// splits.
std::vector<std::string> findings_of(const IngestReport& report, const IngestPlan& plan);

}  // namespace noggin::data
