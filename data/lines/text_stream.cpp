#include "data/lines/text_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes/byte_order_mark.h"
#include "bytes/utf8.h"
#include "data/lines/file_kind.h"
#include "data/rows/blank.h"

namespace noggin::data {
namespace {

constexpr std::size_t kUtf16ChunkBytes = 64 * 1024;

bool is_ascii_text(char c) { return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\r' || c == '\n' || c == '\x1e'; }
bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

Result<TextStream> TextStream::open(const std::string& path) {
  Result<ByteStream> bytes = ByteStream::open(path);
  if (!bytes) return bytes.error();
  TextStream text(*std::move(bytes));
  if (Status status = text.look(); !status) return status.error();
  return text;
}

Result<TextStream> TextStream::open_plain(const std::string& path, ByteRange range) {
  Result<ByteStream> bytes = ByteStream::open_plain(path, range);
  if (!bytes) return bytes.error();
  return TextStream(*std::move(bytes));
}

// Reads the start of the file and judges it.
Status TextStream::look() {
  raw_.resize(kKindBytes);
  while (end_ < raw_.size() && !ended_) {
    const Result<std::size_t> count = bytes_.read({raw_.data() + end_, raw_.size() - end_});
    if (!count) return count.error();
    end_ += *count;
    ended_ = *count == 0;
  }
  const std::string_view start(raw_.data(), end_);
  const std::string_view text = without_byte_order_mark(start);
  if (ended_ && is_blank(text) && !bytes_.cut()) {
    std::string message = bytes_.path();
    message += text.empty() ? " is empty" : " holds nothing but white space";
    return Error{ErrorCode::kBadData, message += ". Fix: write the log again, or take the file out of the sources"};
  }
  const bool utf32 = start.starts_with(std::string_view("\xff\xfe\0\0", 4));
  const bool ascii_pair = end_ >= 4 && (is_ascii_text(start[0]) || is_ascii_text(start[1]));
  if (start.starts_with("\xff\xfe") && !utf32) {
    encoding_ = Encoding::kUtf16Little;
    first_offset_ = 2;
  } else if (start.starts_with("\xfe\xff")) {
    encoding_ = Encoding::kUtf16Big;
    first_offset_ = 2;
  } else if (ascii_pair && start[1] == 0 && start[3] == 0 && is_ascii_text(start[0]) && is_ascii_text(start[2])) {
    encoding_ = Encoding::kUtf16Little;
  } else if (ascii_pair && start[0] == 0 && start[2] == 0 && is_ascii_text(start[1]) && is_ascii_text(start[3])) {
    encoding_ = Encoding::kUtf16Big;
  } else if (start.starts_with(kByteOrderMark)) {
    first_offset_ = kByteOrderMark.size();
  }
  begin_ = first_offset_;
  if (is_utf16()) return {};
  if (std::optional<Error> refused = refuse_binary(start, bytes_.path(), bytes_.compressed()))
    return *std::move(refused);
  return {};
}

Result<std::size_t> TextStream::read(std::span<char> buffer) {
  if (is_utf16()) return read_utf16(buffer);
  if (begin_ == end_) return bytes_.read(buffer);
  const std::size_t count = std::min(buffer.size(), end_ - begin_);
  std::memcpy(buffer.data(), raw_.data() + begin_, count);
  begin_ += count;
  return count;
}

std::uint32_t TextStream::unit(std::size_t at) const {
  const auto byte = [this](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(raw_[i])}; };
  return encoding_ == Encoding::kUtf16Little ? byte(at) | byte(at + 1) << 8U : byte(at + 1) | byte(at) << 8U;
}

Result<std::size_t> TextStream::read_utf16(std::span<char> buffer) {
  std::size_t written = 0;
  while (written == 0) {
    if (end_ - begin_ < 4 && !ended_) {  // less than a pair of surrogates
      raw_.erase(0, begin_);
      end_ -= begin_;
      begin_ = 0;
      raw_.resize(kUtf16ChunkBytes);
      const Result<std::size_t> count = bytes_.read({raw_.data() + end_, raw_.size() - end_});
      if (!count) return count.error();
      end_ += *count;
      ended_ = *count == 0;
      continue;
    }
    while (written + kMaxUtf8Bytes <= buffer.size() && end_ - begin_ >= (ended_ ? 2U : 4U)) {
      std::uint32_t code_point = unit(begin_);
      begin_ += 2;
      const std::uint32_t next = end_ - begin_ >= 2 ? unit(begin_) : 0;
      if (is_high_surrogate(code_point) && is_low_surrogate(next)) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (next - 0xDC00);
        begin_ += 2;
      }
      if (!is_scalar(code_point)) code_point = kReplacementCharacter;
      written += encode_utf8(code_point, buffer.data() + written);
    }
    if (ended_ && end_ - begin_ < 2) break;
  }
  return written;
}

}  // namespace noggin::data
