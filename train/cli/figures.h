// Metrics of a finished student in addition to the one figure of the table, and where it errs: per type, against the
// unchanged text, calibration, confusions and the worst rows. For the end of a run.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "data/shards/example_table.h"
#include "export/report/statistics.h"
#include "export/verify/target_report.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

struct Figures {
  std::string text;             // tables for people
  nlohmann::ordered_json json;  // the same and more, for results.json
};

// answers and stated: the quantized student's on `rows`; the reader has the shipped file's temperature and thresholds.
Figures figures_of(const train::TaskReader& reader, const data::ExampleTable& rows,
                   const exporter::StatedFigures& stated, const std::vector<train::RowAnswer>& answers,
                   const exporter::BootstrapOptions& options);

}  // namespace noggin::tool
