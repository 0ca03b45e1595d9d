#include "engine/span_text.h"

#include <algorithm>
#include <cstring>

namespace noggin::runtime {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\r";
constexpr std::string_view kNoSpaceBefore = ",.?!;:";

// Writes the result twice: once for its size, then into a string of that size.
template <typename Write>
std::string text_of(const Write& write) {
  ResultBuffer measured({});
  write(measured);
  std::string text(measured.size(), '\0');
  ResultBuffer result(text);
  write(result);
  return text;
}

}  // namespace

void ResultBuffer::append(std::string_view bytes) {
  if (!bytes.empty() && fits() && bytes.size() <= buffer_.size() - size_) {
    std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
  }
  size_ += bytes.size();
}

void MaskWriter::span(const TaggedSpan& span) {
  result_.append(text_.substr(read_, span.place.begin - read_));
  result_.append("[");
  result_.append(types_[span.type]);
  result_.append("]");
  read_ = span.place.end;
}

void MaskWriter::finish() { result_.append(text_.substr(read_)); }

void EditWriter::span(const TaggedSpan& span) {
  std::string_view part = text_.substr(read_, span.place.begin - read_);
  const std::size_t end = part.find_last_not_of(kWhiteSpace) + 1;  // npos + 1 is 0
  const bool space_behind = end < part.size();
  keep(part.substr(0, end));
  space_ = space_ || space_behind;
  removed_ = true;
  read_ = span.place.end;
}

void EditWriter::finish() { keep(text_.substr(read_)); }

// The text that stays: between two spans, before the first, or after the last.
void EditWriter::keep(std::string_view part) {
  if (removed_) {
    const std::size_t begin = std::min(part.find_first_not_of(kWhiteSpace), part.size());
    space_ = space_ || begin > 0;
    part.remove_prefix(begin);
  }
  if (part.empty()) return;
  if (space_ && result_.size() > 0 && kNoSpaceBefore.find(part[0]) == std::string_view::npos) result_.append(" ");
  result_.append(part);
  space_ = false;
}

std::string masked_text(std::string_view text, std::span<const TaggedSpan> spans,
                        std::span<const std::string_view> types) {
  return text_of([&](ResultBuffer& result) {
    MaskWriter writer(text, types, result);
    for (const TaggedSpan& span : spans) writer.span(span);
    writer.finish();
  });
}

std::string edited_text(std::string_view text, std::span<const TaggedSpan> spans) {
  return text_of([&](ResultBuffer& result) {
    EditWriter writer(text, result);
    for (const TaggedSpan& span : spans) writer.span(span);
    writer.finish();
  });
}

}  // namespace noggin::runtime
