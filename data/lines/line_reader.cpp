#include "data/lines/line_reader.h"

#include <cstring>
#include <utility>

#include "bytes/byte_order_mark.h"

namespace noggin::data {
namespace {

constexpr std::size_t kFirstBufferBytes = 256 * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

LineReader::LineReader(ByteStream stream) : stream_(std::move(stream)), buffer_(kFirstBufferBytes + kLinePadding) {}

Result<LineReader> LineReader::open(const std::string& path) {
  Result<ByteStream> stream = ByteStream::open(path);
  if (!stream) return stream.error();
  return LineReader(*std::move(stream));
}

Status LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + kLinePadding == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const Result<std::size_t> count = stream_.read({buffer_.data() + end_, buffer_.size() - kLinePadding - end_});
  if (!count) return count.error();
  end_ += *count;
  ended_ = *count == 0;
  return {};
}

Line LineReader::take(std::size_t length, bool terminated) {
  const std::size_t consumed = length + (terminated ? 1 : 0);
  Line line{{buffer_.data() + begin_, length}, ++number_, offset_, terminated, false};
  if (line.number == 1) {
    const std::string_view text = without_byte_order_mark(line.text);
    line.offset += line.text.size() - text.size();
    line.text = text;
  }
  begin_ += consumed;
  scanned_ = begin_;
  offset_ += consumed;
  return line;
}

Result<std::optional<Line>> LineReader::next_any() {
  excerpt_.clear();
  const std::uint64_t line_offset = offset_;
  while (true) {
    const void* newline = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
    const bool found = newline != nullptr;
    if (found || (ended_ && (begin_ < end_ || !excerpt_.empty()))) {
      const std::size_t stop =
          found ? static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.data()) : end_;
      Line line = take(stop - begin_, found);
      line.too_long = !excerpt_.empty() || line.text.size() > kMaxLineBytes;
      if (!excerpt_.empty()) {
        line.text = excerpt_;
        line.offset = line_offset;
      }
      return std::optional<Line>(line);
    }
    if (ended_) return std::optional<Line>();
    scanned_ = end_;
    if (end_ - begin_ > kMaxLineBytes) {  // discard it, but keep counting
      if (excerpt_.empty()) excerpt_.assign(buffer_.data() + begin_, kExcerptBytes);
      offset_ += end_ - begin_;
      begin_ = end_;
    }
    if (Status status = fill(); !status) return status.error();
  }
}

Result<std::optional<Line>> LineReader::next() {
  while (true) {
    Result<std::optional<Line>> line = next_any();
    if (!line || !line->has_value() || !is_blank((*line)->text)) return line;
  }
}

}  // namespace noggin::data
