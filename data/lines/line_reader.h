// Lines of a log, one at a time, however large the log: memory is one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/line_limit.h"
#include "data/lines/byte_stream.h"
#include "noggin/result.h"

namespace noggin::data {

struct Line {
  std::string_view text;     // without '\n'; valid until the next call; kLinePadding readable bytes follow it
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of its first byte in the decompressed stream
  bool terminated = true;    // false: the file ends without '\n' here
  bool too_long = false;     // longer than kMaxLineBytes; text holds the first kExcerptBytes
};

inline constexpr std::size_t kLinePadding = 64;  // simdjson reads ahead
inline constexpr std::size_t kExcerptBytes = 2000;

class LineReader {
 public:
  static Result<LineReader> open(const std::string& path);

  // The next line that is not blank; nothing at the end of the file. A byte order mark is skipped.
  Result<std::optional<Line>> next();
  const ByteStream& stream() const { return stream_; }
  std::uint64_t lines() const { return number_; }

 private:
  explicit LineReader(ByteStream stream);
  Result<std::optional<Line>> next_any();
  Status fill();
  Line take(std::size_t length, bool terminated);

  ByteStream stream_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0, scanned_ = 0;  // unread bytes are [begin_, end_); no '\n' in [begin_, scanned_)
  std::uint64_t number_ = 0, offset_ = 0;
  std::string excerpt_;  // of a line that is too long
  bool ended_ = false;
};

}  // namespace noggin::data
