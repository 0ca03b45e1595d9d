#include "data/lines/text_lines.h"

#include <algorithm>
#include <utility>

#include "bytes/byte_order_mark.h"
#include "bytes/line_limit.h"

namespace noggin::data {
namespace {

constexpr std::size_t kTextBufferBytes = 256 * 1024;

}  // namespace

Result<TextLines> TextLines::open(const std::string& path) {
  Result<ByteStream> stream = ByteStream::open(path);
  if (!stream) return stream.error();
  return TextLines(*std::move(stream));
}

Status TextLines::fill() {
  buffer_.resize(kTextBufferBytes);
  const Result<std::size_t> count = stream_.read({buffer_.data(), buffer_.size()});
  if (!count) return count.error();
  buffer_.resize(*count);
  at_ = 0;
  ended_ = *count == 0;
  return {};
}

Result<std::optional<TextLine>> TextLines::next() {
  line_.clear();
  bool terminated = false, too_long = false;
  while (!terminated && !ended_) {
    if (at_ == buffer_.size()) {
      if (Status status = fill(); !status) return status.error();
      continue;
    }
    const std::size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
    too_long = too_long || line_.size() + (end - at_) > kMaxLineBytes;
    if (!too_long) line_.append(buffer_, at_, end - at_);
    terminated = end < buffer_.size();
    at_ = end + (terminated ? 1 : 0);
  }
  if (!terminated && line_.empty() && !too_long) return std::optional<TextLine>();
  ++number_;
  std::string_view text = line_;
  if (number_ == 1) text = without_byte_order_mark(text);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::optional<TextLine>({text, number_, too_long});
}

}  // namespace noggin::data
