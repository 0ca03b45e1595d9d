// Makes rows of what the files of a split hold: whole rows pass, requests and answers are joined by id (id_join.h), and
// typed decisions are judged by what the whole log asks (data/decisions).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/decisions/question_classes.h"
#include "data/decisions/question_ledger.h"
#include "data/json/json_row.h"
#include "data/logs/id_join.h"
#include "data/logs/log_events.h"
#include "data/logs/log_sink.h"
#include "data/logs/row_finder.h"
#include "data/logs/source.h"
#include "data/logs/written_answer.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

class RowJoin final : public LogSink {
 public:
  // All three must outlive this object.
  RowJoin(const RowSchema& schema, const IngestOptions& options, RowSink& sink);

  Status accept(Record&& record, const RowNotes& notes) override { return sink_.accept(std::move(record), notes); }
  Status reject(const std::string& file, std::uint64_t line, const Rejection& rejection,
                std::string_view content) override {
    return sink_.reject(file, line, rejection, content);
  }
  Status superseded(const std::string& file) override { return sink_.superseded(file); }
  void used_requests(const std::string& file, std::uint64_t count) override { sink_.used_requests(file, count); }
  void remark(std::string text) override { sink_.remark(std::move(text)); }
  void finished_file(const std::string& path, std::uint64_t bytes, std::uint64_t hash) override {
    sink_.finished_file(path, bytes, hash);
  }
  Status request(const std::string& file, std::uint64_t line, const LogRequest& request) override;
  Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) override;
  Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) override;

  // After the last file: rows whose other half never came are rejected. kBadData for decisions that cannot be learnt.
  Status finish();

 private:
  // The answer to a typed decision, and where it stands.
  struct Answered {
    const std::string& file;
    std::uint64_t line;
    std::optional<std::string> id{};
    std::optional<JsonValue> response{};  // opened
    std::string failure{};                // why there is none
    std::string_view family{};
  };

  Result<Trouble> use_answer(const std::string& file, std::uint64_t line, LogAnswer& answer, std::string_view text,
                             std::uint8_t kind);
  Status use_whole_decision(const std::string& file, std::uint64_t line, const LogDecision& decision);
  Status use_half_decision(const std::string& file, std::uint64_t line, const LogDecision& decision);
  Result<Trouble> use_decision(JsonValue request, std::string_view request_json, const Answered& answered);
  Result<Trouble> use_kept_decision(std::string_view request, const Answered& answered);
  Status finish_decisions();

  const RowSchema& schema_;
  const IngestOptions& options_;
  RowSink& sink_;
  IdJoin join_;
  LogEventReader waiting_;
  WrittenAnswer written_answer_;
  JsonRow json_, request_json_;
  std::string family_;  // that finder_ looks for
  std::unique_ptr<RowFinder> finder_;
  RowFinder request_finder_;
  FoundRow found_, request_;
  QuestionLedger questions_;
  QuestionMapper mapper_;
};

}  // namespace noggin::data
