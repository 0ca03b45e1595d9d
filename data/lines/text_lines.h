// Lines of a text file that is not a log of documents, one at a time, blank ones too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/lines/byte_stream.h"
#include "noggin/result.h"

namespace noggin::data {

struct TextLine {
  std::string_view text;     // without the line's end; valid until the next call
  std::uint64_t number = 0;  // from 1
  bool too_long = false;     // longer than kMaxLineBytes; text holds its beginning
};

class TextLines {
 public:
  static Result<TextLines> open(const std::string& path);
  // Nothing at the end of the file. A byte order mark is skipped.
  Result<std::optional<TextLine>> next();
  const ByteStream& stream() const { return stream_; }
  std::uint64_t lines() const { return number_; }

 private:
  explicit TextLines(ByteStream stream) : stream_(std::move(stream)) {}
  Status fill();

  ByteStream stream_;
  std::string buffer_, line_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace noggin::data
