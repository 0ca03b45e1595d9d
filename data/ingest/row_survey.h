// A look at the first rows of a split, read as ingest reads them but not kept: for checks before any work.
#pragma once

#include <cstdint>

#include "data/ingest/ingest_plan.h"

namespace noggin::data {

struct RowSurvey {
  // name, targets and classes, and if complete counts. By rows, for every task: words are known only to a tokenizer.
  SplitSummary summary;
  bool complete = false;  // every row was seen
};
// Stops after `max_rows` accepted rows. texts: as for read_split. Errors: those of read_split.
Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts = nullptr,
                              float gold_threshold = 0.5F);

}  // namespace noggin::data
