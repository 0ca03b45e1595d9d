// The documents of a log, one at a time, however large the log and however it is wrapped (wrapping.h): memory is one
// document. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/line_limit.h"
#include "data/lines/json_scanner.h"
#include "data/lines/text_stream.h"
#include "data/lines/wrapping.h"
#include "noggin/result.h"

namespace noggin::data {

// One document: a line of JSON lines, an element of an array, and so on.
struct Line {
  std::string_view text;     // without '\n'; valid until the next call; kLinePadding readable bytes follow it
  std::uint64_t number = 0;  // of the line of the file on which it begins, from 1
  std::uint64_t offset = 0;  // of its first byte in the text, decompressed and transcoded
  bool terminated = true;    // false: the file ends in it: a line without '\n', a document without its last bracket
  bool too_long = false;     // longer than kMaxLineBytes; text holds the first kExcerptBytes
  // Of a table's record that does not have one value for each column; text is the record as it stands. Else equal.
  std::size_t values = 0, columns = 0;
};

// How a table is read. Its records come as JSON objects, {"column": "value"}, of strings.
struct TableOptions {
  char separator = 0;                  // 0: of tab, comma, semicolon and bar the most frequent in the first record
  std::vector<std::string> columns{};  // the names of the columns; none: the first record has them
};

// A part of a file of which each line is a document, as it stands there: whole lines (line_pieces.h).
struct LinePiece {
  std::uint64_t begin = 0, end = 0;  // its bytes in the file
  std::uint64_t lines_before = 0;    // lines of the file that end before it
  std::uint64_t hash = 0;            // XXH3-64 of its bytes
};

inline constexpr std::size_t kLinePadding = 64;  // simdjson reads ahead
inline constexpr std::size_t kExcerptBytes = 2000;
inline constexpr std::size_t kFirstBufferBytes = std::size_t{1} << 20;  // of a reader, until a document is longer

class LineReader {
 public:
  // The errors of TextStream::open; kBadData for server-sent events that hold pieces of answers.
  static Result<LineReader> open(const std::string& path);
  // A table of comma- or tab-separated values (csv.h). kBadData too for a header that names a column twice; without a
  // header the columns are column_1, column_2, ... A line
  // "sep=;" before it, as Excel writes it, names the separator.
  static Result<LineReader> open_table(const std::string& path, const TableOptions& options);
  // A table where the file looks like one, else open().
  static Result<LineReader> open_any(const std::string& path);
  // The lines of a piece alone, numbered as in the file; stream() is of the piece. The errors of RawFile::open.
  static Result<LineReader> open_piece(const std::string& path, const LinePiece& piece);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // The next document that is not blank; nothing at the end of the file. kBadData where compressed data goes on for
  // kSuspiciousBytes without one. A document that is no JSON is one for its
  // reader to refuse: a line; in a file of several lines per document everything up to the next line that begins with a
  // bracket; in an array everything that is left. A quote of a table that is never closed is kBadData.
  Result<std::optional<Line>> next();

  Wrapping wrapping() const { return wrapping_; }
  // Of kLines and kCrLines: the start looks like a table with a header (csv.h), for open_table() to read.
  bool looks_like_table() const { return looks_like_table_; }
  // Whether each line is a document as it stands in the file: kLines, uncompressed UTF-8.
  bool has_plain_lines() const { return wrapping_ == Wrapping::kLines && !stream().compressed() && !text_.is_utf16(); }
  // Of a table.
  const std::vector<std::string>& columns() const;
  // After the end: why the file does not hold everything that it should, in words that go on after its name ("has no
  // bracket that closes its JSON array"); "" for a whole file. An unterminated last line is whole if it is JSON.
  std::string_view cut_reason() const;
  bool cut() const { return !cut_reason().empty(); }
  const ByteStream& stream() const { return text_.bytes(); }
  std::uint64_t lines() const { return lines_; }  // that have been read

 private:
  // A document of which a part had to be dropped, because it is too long.
  struct Dropped {
    std::string excerpt;
    std::uint64_t number = 0, offset = 0;
  };

  struct Table;

  explicit LineReader(TextStream text);
  Status look();
  Status recognise();
  Status recognise_table(const TableOptions& options);
  Status fill();
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);
  void pass(std::size_t bytes);  // as consume(), where the line ends are counted already
  void drop();
  Line take(std::size_t length, bool terminated) const;
  std::optional<Line> document(std::size_t length, bool terminated);
  // Each ends the file with nothing.
  Result<std::optional<Line>> next_until(char separator);
  Result<std::optional<Line>> next_line();
  Result<std::optional<Line>> next_event();
  Result<std::optional<Line>> next_record();
  Result<std::optional<Line>> next_document();
  Result<std::optional<Line>> scan_document();
  Result<std::optional<Line>> scan_scalar();
  Result<std::optional<Line>> scan_broken(std::size_t at);
  Result<std::optional<Line>> last_document(std::size_t length, std::string_view reason);
  Status skip_between_documents();
  Result<std::optional<Line>> next_labelled();
  Result<std::optional<Line>> next_row();
  Result<std::optional<Line>> scan_row();

  TextStream text_;
  Wrapping wrapping_ = Wrapping::kLines;
  char line_end_ = '\n';
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;                  // unread bytes are [begin_, end_) of buffer_
  std::uint64_t lines_ = 0, offset_ = 0;             // consumed
  std::uint64_t next_number_ = 0, next_offset_ = 0;  // where the call of next() began
  bool ended_ = false;
  std::optional<Dropped> dropped_;
  std::unique_ptr<Table> table_;
  JsonScanner scanner_;
  bool looks_like_table_ = false;
  bool in_array_ = false, finished_ = false;
  std::string_view cut_reason_;
};

}  // namespace noggin::data
