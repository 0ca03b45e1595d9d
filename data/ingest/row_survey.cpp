#include "data/ingest/row_survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "data/logs/log_guard.h"
#include "data/logs/log_reader.h"

namespace noggin::data {
namespace {

// Passes the first documents of a file.
class FirstOfFile final : public LogGuard {
 public:
  FirstOfFile(LogSink& sink, std::uint64_t most) : LogGuard(sink), left_(most) {}
  bool is_full() const { return is_full_; }

 private:
  Verdict judge(bool) override {
    is_full_ = left_ == 0;
    if (is_full_) return Verdict::kStop;
    --left_;
    return Verdict::kPass;
  }

  std::uint64_t left_;
  bool is_full_ = false;
};

}  // namespace

Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts, float gold_threshold,
                              std::size_t shown_rows, const std::function<void(const Record&)>& see) {
  const Result<RowSchema> schema = RowSchema::create(task, labels, options.top_k);
  if (!schema) return schema.error();
  ContentCounter contents(*schema, gold_threshold);
  RowSurvey survey;
  std::map<std::string, std::size_t> shown;
  const auto show = [&](const Record& record, const RowNotes& notes) {
    if (shown[record.file]++ < shown_rows) survey.shown.push_back(shown_row(record, notes, labels, task));
  };
  RowTaker taker;
  taker.accept = [&](const Record& record, const RowNotes& notes) -> Status {
    contents.add(record, nullptr);
    survey.places.push_back(TextShare::place_of(record.text));
    show(record, notes);
    if (see) see(record);
    return {};
  };
  taker.join = [&](const Record& record, const RepeatOf& repeat) -> Status {
    contents.join(record, nullptr, repeat);
    show(record, {});
    if (see && repeat.completes()) see(record);
    return {};
  };
  // Of every file as much, so that gold beside a teacher's answers is seen, and a file that comes late.
  const std::uint64_t of_each = std::max<std::uint64_t>(1, max_rows / split.sources.size());
  const ReadUnit read_first = [&](const LogUnit& unit, const RowSchema& read_as, LogSink& sink) -> Result<bool> {
    FirstOfFile first(sink, of_each);
    LogReader reader(read_as, options, first);
    const Status read = reader.read(unit);
    if (!read && !first.is_full()) return read.error();
    return !first.is_full();
  };
  Result<SplitReport> counts = read_split(split, labels, options, {}, taker, texts, task, read_first);
  if (!counts) return counts.error();
  survey.summary.name = split.name;
  survey.summary.targets = contents.targets();
  survey.summary.classes = contents.classes();
  survey.summary.counts = *std::move(counts);
  return survey;
}

}  // namespace noggin::data
