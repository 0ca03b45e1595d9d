#include "data/ingest/row_survey.h"

#include <utility>

namespace noggin::data {

Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts, float gold_threshold) {
  const Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema.error();
  ContentCounter contents(*schema, gold_threshold);
  bool enough = false;
  const auto look = [&](Record&& record) -> Status {
    enough = contents.targets().all == max_rows;
    if (enough) return Error{ErrorCode::kIo, "enough rows were seen"};
    contents.add(record, nullptr);
    return {};
  };
  Result<SplitReport> counts = read_split(split, labels, options, {}, look, texts, task);
  if (!counts && !enough) return counts.error();
  RowSurvey survey;
  survey.summary.name = split.name;
  survey.summary.targets = contents.targets();
  survey.summary.classes = contents.classes();
  survey.complete = !enough;
  if (counts) survey.summary.counts = *std::move(counts);
  return survey;
}

}  // namespace noggin::data
