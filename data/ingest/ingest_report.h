// ingest_report.json, read back: what later stages need to know of a finished ingest.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/ingest/split_contents.h"
#include "noggin/result.h"

namespace noggin::data {

struct IngestFacts {
  std::optional<TargetCounts> training;  // nothing if an earlier version wrote the report, which did not count them
  std::vector<std::string> findings;     // split_findings.h
};
// Errors: kNotFound, kIo, and kCorrupt for a file that is not such a report.
Result<IngestFacts> read_ingest_facts(const std::string& report_path);

}  // namespace noggin::data
