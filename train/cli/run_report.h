// report.html and export/MODEL_CARD.md of a finished run, from what it has recorded (export/pages).
#pragma once

#include <string>
#include <vector>

#include "export/pages/run_page.h"
#include "train/cli/stages.h"

namespace noggin::tool {

// Reads a JSON file of a run, or any other. Throws Failure (kBadData) if it cannot be read or is no JSON.
Json json_of_file(const std::string& path);

// What a finished run has left, and its model's answers to the rows that it was measured on. Throws Failure (kBadData)
// when the run is not finished, naming what is missing, or when a file is not as the run recorded it.
exporter::RunRecord run_record(const RunContext& context);

struct RunReport {
  std::string page, card;  // paths
  bool written = false;    // false: what they are made of has not changed
};
// Writes both into the run, as the stage "report", unless they are there, unchanged, and made of the same files. The
// context must hold the run's lock. Throws Failure (kBadData, kOutput, kOutOfSpace).
RunReport report_stage(RunContext& context, const exporter::PageOptions& options);

}  // namespace noggin::tool
