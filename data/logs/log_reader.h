// Reads the files of a log, each by itself: documents, what each is (row_finder.h), and each row's own judgement
// (log_file.h for our rows, read_answer.h for a teacher's answers). What needs other files is told as what it is
// (log_sink.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/answers/read_answer.h"
#include "data/json/json_row.h"
#include "data/logs/log_file.h"
#include "data/logs/log_sink.h"
#include "data/logs/row_finder.h"
#include "data/logs/source.h"
#include "data/logs/text_template.h"
#include "data/logs/written_answer.h"

namespace noggin::data {

// What is read in one go: a file, or two that are read side by side.
struct LogUnit {
  const Source* source = nullptr;
  std::string path{};
  bool is_aligned = false;  // path and source->requests_path, the n-th answer of which belongs to the n-th request
  std::optional<LinePiece> piece{};  // of `path`, which is no more than that; else all of it

  std::vector<std::string> files() const;  // all that it reads
};

// The units of a source, in the order in which they count. kInvalidArgument for a source that contradicts itself; what
// opening the requests gives.
Result<std::vector<LogUnit>> units_of(const Source& source, spec::TaskKind task);

// Where the first so many documents hold nothing usable, it is no log that we can read.
inline constexpr std::uint64_t kHopelessDocuments = 1000;

// One for each thread.
class LogReader {
 public:
  // All three must outlive this object.
  LogReader(const RowSchema& schema, const IngestOptions& options, LogSink& sink);

  // kIo, kCorrupt and kBadData from the files, and what the sink returns. Of a piece it tells what the whole file would
  // give, but that finished_file() has number and hash of the piece's bytes. ids: of the rows of the pieces before it,
  // completed; null: there are none.
  Status read(const LogUnit& unit, RowIds* ids = nullptr);

 private:
  Status read_tsv(const Source& source);
  Status read_documents(const Source& source, const LogUnit& unit, RowIds* ids);
  Status read_document(const Line& line, LogFile& file, const Source& source, const std::string& path);
  Status read_rows(const Line& line, const std::vector<std::string>& rows, LogFile& file, const Source& source,
                   const std::string& path);
  std::string id_of(const std::string& path, const Line& line) const;
  Status read_found(const Line& line, const Source& source, const std::string& path);
  Status read_half(const Line& line, const Source& source, const std::string& path);
  Status read_aligned(const Source& source);
  Status use_answer(const Line& line, const std::string& path);
  Trouble read_listed_into(TeacherDistribution& teacher, RowNotes& notes);
  Trouble read_written_into(BuiltRow& row);
  Trouble read_score_into(TeacherDistribution& teacher, RowNotes& notes);
  Trouble read_answer_into(TeacherDistribution& teacher, RowNotes& notes);

  const RowSchema& schema_;
  const IngestOptions& options_;
  LogSink& sink_;
  JsonRow json_;
  std::unique_ptr<RowFinder> finder_;
  std::optional<TextTemplate> template_;  // of the file's source
  FoundRow found_;
  std::size_t row_ = 0;  // of a document that holds several, from 1; else 0
  WrittenAnswer written_answer_;
  BuiltRow built_;         // reused from row to row
  AnswerReading reading_;  // reused: nothing is allocated for an answer of one token
};

}  // namespace noggin::data
