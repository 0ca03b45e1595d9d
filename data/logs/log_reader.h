// Reads the sources of one split into a sink: documents, what each is (row_finder.h), joins by id over all sources
// (id_join.h), and each row's own judgement (log_file.h for our rows, read_answer.h for a teacher's answers).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/answers/read_answer.h"
#include "data/decisions/question_classes.h"
#include "data/decisions/question_ledger.h"
#include "data/json/json_row.h"
#include "data/logs/id_join.h"
#include "data/logs/log_file.h"
#include "data/logs/row_finder.h"
#include "data/logs/row_sink.h"
#include "data/logs/source.h"

namespace noggin::data {

class LogReader {
 public:
  // All three must outlive this object.
  LogReader(const RowSchema& schema, const IngestOptions& options, RowSink& sink);

  // kInvalidArgument for a source that contradicts itself; kIo, kCorrupt and kBadData from its files.
  Status read(const Source& source);
  // After the last source: rows whose other half never came are rejected.
  Status finish();

 private:
  Status read_tsv(const Source& source);
  Status read_documents(const Source& source, const std::string& path);
  Status read_document(const Line& line, LogFile& file, const std::string& path);
  Status read_found(const Line& line, const std::string& path);
  Status read_aligned(const Source& source);
  Status use_answer(const Line& line, const std::string& path);
  // Rows of typed decisions (data/decisions).
  Status read_decision_row(const Line& line, const std::string& path);
  Result<Trouble> use_decision(JsonValue request, std::string_view request_json, EmbeddedJson& inner,
                               std::uint64_t line, const std::string& path);
  Status finish_decisions();
  Trouble build_answer(Record& record, RowNotes& notes);

  const RowSchema& schema_;
  const IngestOptions& options_;
  RowSink& sink_;
  IdJoin join_;
  JsonRow json_;
  std::unique_ptr<RowFinder> finder_;
  FoundRow found_;
  AnswerReading reading_;  // reused: nothing is allocated for an answer of one token
  // A request that is read again when its answer comes.
  JsonRow request_json_;
  RowFinder request_finder_;
  FoundRow request_;
  QuestionLedger questions_;
  QuestionMapper mapper_;
};

}  // namespace noggin::data
