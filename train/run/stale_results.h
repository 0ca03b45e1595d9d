// Results that no longer belong to what a run directory holds say so themselves.
#pragma once

#include <string>

#include "train/run/run_directory.h"

namespace noggin::train {

// Adds "stale": {"since", "why"} to results.json and export/certificate.json, where they exist and are not marked yet.
// Writing them anew removes the mark. Throws Failure (kOutput, kOutOfSpace) when they cannot be written.
void mark_stale(const RunDirectory& run, const std::string& why);

}  // namespace noggin::train
