// A look at the first rows of a split, read as ingest reads them but not kept: for checks before any work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "data/ingest/ingest_plan.h"
#include "data/ingest/shown_rows.h"

namespace noggin::data {

struct RowSurvey {
  SplitSummary summary;         // name, counts, targets and classes. By rows, for every task
  std::vector<ShownRow> shown;  // the first rows of each file
  std::vector<double> places;   // TextShare::place_of each text, in the order of the rows
  bool is_complete() const { return summary.counts.is_whole; }  // every row was seen
};
inline constexpr std::size_t kShownRows = 3;  // of each file, unless asked for more
// Looks at the first documents of each file of the split, about `max_rows` of all. texts: as for read_split. see: gets
// each row that is not a repetition, and what adds gold or a teacher to an earlier one. Errors: those of read_split.
Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts = nullptr,
                              float gold_threshold = 0.5F, std::size_t shown_rows = kShownRows,
                              const std::function<void(const Record&)>& see = {});

}  // namespace noggin::data
