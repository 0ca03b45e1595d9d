// What a second thread brings: Noggin against itself. Two threads need the wall clock, and two cores that nobody else
// uses; so each side is judged by its quietest tenth of rounds, and a busy machine still shows too little.
#pragma once

#include <string>

#include "experiments/latency/side_by_side.h"

namespace noggin::latency {

// A line a shape: microseconds with one thread and with two, and how many times as fast two are.
Result<std::string> scaling_table(const BenchModel& model, const Model& opened, const BenchOptions& options);

}  // namespace noggin::latency
