// What the files of a log hold, file by file: whole rows, and what needs what another file holds. row_join.h makes rows
// of all of it; log_events.h writes it as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/logs/row_sink.h"
#include "data/rows/record.h"
#include "data/rows/rejection.h"

namespace noggin::data {

// A text whose answer stands elsewhere, under the same id.
struct LogRequest {
  std::string_view id{}, text{};
  bool sampled_warm = false, cuts_candidates = false;  // FoundRow
};

// An answer whose text stands elsewhere: as read, or why it cannot be.
struct LogAnswer {
  std::string_view id{};
  Trouble failure{};
  TeacherDistribution teacher{};
  std::string written{};  // tag, edit: read when there is a text (written_answer.h)
  RowNotes notes{};
  std::string_view excerpt{};  // of the document, if it failed; for messages
};

// A document of typed decisions (data/decisions), which is judged by what all rows of the log ask: a row, or a half of
// one. JSON with kLinePadding readable bytes behind it.
struct LogDecision {
  std::string_view document{};
  std::string_view answer{};  // the document of its answer, where that is another without an id
  std::string_view family{};  // Source::family
};

class LogSink : public RowSink {
 public:
  virtual Status request(const std::string& file, std::uint64_t line, const LogRequest& request) = 0;
  virtual Status answer(const std::string& file, std::uint64_t line, LogAnswer&& answer) = 0;
  virtual Status decision(const std::string& file, std::uint64_t line, const LogDecision& decision) = 0;
};

}  // namespace noggin::data
