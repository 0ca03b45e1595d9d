// A look at the first rows of a split, read as ingest reads them but not kept: for checks before any work.
#pragma once

#include <cstdint>

#include "data/ingest/ingest.h"
#include "data/ingest/split_contents.h"

namespace noggin::data {

struct RowSurvey {
  TargetCounts targets;   // by rows, for every task: words are known only to a tokenizer
  SplitReport counts;     // if complete
  bool complete = false;  // every row was seen
};
// Stops after `max_rows` accepted rows. Errors: those of read_split.
Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows);

}  // namespace noggin::data
