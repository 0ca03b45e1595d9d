// The text of a file as UTF-8. UTF-16 of either byte order, with or without a byte order mark, is transcoded as it is
// read, halves of surrogate pairs to U+FFFD; everything else is taken for UTF-8 and passes unchanged, valid or not. A
// byte order mark is no part of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "data/lines/byte_stream.h"
#include "noggin/result.h"

namespace noggin::data {

class TextStream {
 public:
  // The errors of ByteStream; kBadData, naming what the file is and what to do, for an empty file and for one that
  // holds no text (file_kind.h).
  static Result<TextStream> open(const std::string& path);
  // Part of a file of UTF-8 that is known to be text. The errors of ByteStream.
  static Result<TextStream> open_plain(const std::string& path, ByteRange range);

  // Fills at most buffer.size() bytes, which are kMinTextBuffer at least; 0 at the end.
  Result<std::size_t> read(std::span<char> buffer);
  bool is_utf16() const { return encoding_ != Encoding::kUtf8; }
  // Bytes before the text: those of a byte order mark.
  std::size_t first_offset() const { return first_offset_; }
  // After the end: the file stops inside a compressed stream or a UTF-16 unit.
  bool cut() const { return bytes_.cut() || (is_utf16() && end_ - begin_ == 1); }
  const ByteStream& bytes() const { return bytes_; }

 private:
  enum class Encoding { kUtf8, kUtf16Little, kUtf16Big };

  explicit TextStream(ByteStream bytes) : bytes_(std::move(bytes)) {}
  Status look();
  Result<std::size_t> read_utf16(std::span<char> buffer);
  std::uint32_t unit(std::size_t at) const;

  ByteStream bytes_;
  Encoding encoding_ = Encoding::kUtf8;
  std::size_t first_offset_ = 0;
  std::string raw_;                  // read and not yet given out
  std::size_t begin_ = 0, end_ = 0;  // of that
  bool ended_ = false;
};

inline constexpr std::size_t kMinTextBuffer = 64;

}  // namespace noggin::data
