#include "data/ingest/row_survey.h"

#include <utility>

namespace noggin::data {

Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows) {
  const Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema.error();
  ContentCounter contents(*schema, 0.5F);
  bool enough = false;
  const auto look = [&](Record&& record) -> Status {
    enough = contents.targets().all == max_rows;
    if (enough) return Error{ErrorCode::kIo, "enough rows were seen"};
    contents.add(record, nullptr);
    return {};
  };
  Result<SplitReport> counts = read_split(split, labels, options, {}, look, nullptr, task);
  if (!counts && !enough) return counts.error();
  RowSurvey survey;
  survey.targets = contents.targets();
  survey.complete = !enough;
  if (counts) survey.counts = *std::move(counts);
  return survey;
}

}  // namespace noggin::data
