// What a finished model answers to held-out rows, for its report: reliability, risk and coverage, confusions, worst
// rows. Through the runtime, as a device would.
#pragma once

#include "data/shards/example_table.h"
#include "export/pages/run_record.h"

namespace noggin::tool {

// Throws Failure (kBadData) if the file cannot be read. Memory: the answers, and for multi_label a probability per
// class and row.
exporter::MeasuredRows measured_rows(const std::string& nog_path, const data::ExampleTable& rows);

// The size and parts of a .nog file. Throws Failure (kBadData).
exporter::ModelFile model_file(const std::string& nog_path);

}  // namespace noggin::tool
