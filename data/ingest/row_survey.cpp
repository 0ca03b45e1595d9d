#include "data/ingest/row_survey.h"

#include <map>
#include <utility>

namespace noggin::data {

Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts, float gold_threshold,
                              std::size_t shown_rows) {
  const Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema.error();
  ContentCounter contents(*schema, gold_threshold);
  bool enough = false;
  RowSurvey survey;
  std::map<std::string, std::size_t> shown;
  RowTaker taker;
  taker.accept = [&](Record&& record, const RowNotes& notes) -> Status {
    enough = contents.targets().all == max_rows;
    if (enough) return Error{ErrorCode::kIo, "enough rows were seen"};
    contents.add(record, nullptr);
    survey.places.push_back(TextShare::place_of(record.text));
    if (shown[record.file]++ < shown_rows) survey.shown.push_back(shown_row(record, notes, labels, task));
    return {};
  };
  taker.join = [&](Record&& record, const RepeatOf& repeat) -> Status {
    contents.join(record, nullptr, repeat);
    if (shown[record.file]++ < shown_rows) survey.shown.push_back(shown_row(record, {}, labels, task));
    return {};
  };
  Result<SplitReport> counts = read_split(split, labels, options, {}, taker, texts, task);
  if (!counts && !enough) return counts.error();
  survey.summary.name = split.name;
  survey.summary.targets = contents.targets();
  survey.summary.classes = contents.classes();
  survey.complete = !enough;
  if (counts) survey.summary.counts = *std::move(counts);
  return survey;
}

}  // namespace noggin::data
