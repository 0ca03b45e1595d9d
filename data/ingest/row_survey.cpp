#include "data/ingest/row_survey.h"

#include <algorithm>
#include <map>
#include <utility>

#include "data/logs/log_reader.h"

namespace noggin::data {
namespace {

// Passes the first things that a file holds, and then stops its reader.
class FirstOfFile final : public LogSink {
 public:
  FirstOfFile(LogSink& sink, std::uint64_t most) : sink_(sink), left_(most) {}
  bool is_full() const { return is_full_; }

  Status accept(Record&& record, const RowNotes& notes) override {
    return take() ? sink_.accept(std::move(record), notes) : stop();
  }
  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    return take() ? sink_.reject(file, line, rejection, content) : stop();
  }
  Status request(const std::string& file, std::uint64_t line, const LogRequest& request) override {
    return take() ? sink_.request(file, line, request) : stop();
  }
  Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) override {
    return take() ? sink_.answer(file, line, std::move(answer)) : stop();
  }
  Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) override {
    return take() ? sink_.decision(file, line, decision) : stop();
  }
  Status superseded(const std::string& file) override { return sink_.superseded(file); }
  void used_requests(const std::string& file, std::uint64_t count) override { sink_.used_requests(file, count); }
  void remark(std::string text) override { sink_.remark(std::move(text)); }
  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    sink_.finished_file(path, bytes, hash);
  }

 private:
  bool take() {
    if (left_ == 0) {
      is_full_ = true;
      return false;
    }
    --left_;
    return true;
  }
  static Status stop() { return Error{ErrorCode::kIo, "enough was seen"}; }

  LogSink& sink_;
  std::uint64_t left_;
  bool is_full_ = false;
};

}  // namespace

Result<RowSurvey> survey_rows(const SplitInput& split, const LabelSet& labels, const IngestOptions& options,
                              spec::TaskKind task, std::uint64_t max_rows, SplitTexts* texts, float gold_threshold,
                              std::size_t shown_rows) {
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
    return {};
  };
  taker.join = [&](const Record& record, const RepeatOf& repeat) -> Status {
    contents.join(record, nullptr, repeat);
    show(record, {});
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
