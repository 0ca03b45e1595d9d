// A text with its found spans masked by their type, or removed. Pure functions of text and spans, byte by byte: no
// character is ever cut, and bytes that are not UTF-8 pass unchanged.
//
// Masked: each span's bytes become "[TYPE]"; all other bytes stay unchanged.
//     "mail anna@example.org now"  ->  "mail [EMAIL] now"
// Edited: each span's bytes are removed. White space (space, tab, line feed, carriage return) before and after a
// removed span becomes one space; or nothing at the start and end of the result, before one of , . ? ! ; : and where
// there was none. White space that no removed span touches stays.
//     "Show uh, no wait , the map"  without  "uh, no wait ,"  ->  "Show the map"
//     "the map , please ?"          without  "please"         ->  "the map ,?"
//
// Spans: in order, not overlapping, within the text, begin < end; as tag_text() gives them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "noggin/text_span.h"

namespace noggin::runtime {

// A buffer for a result. It may be too small, or empty: size() says how many bytes the result takes.
class ResultBuffer {
 public:
  explicit ResultBuffer(std::span<char> buffer) : buffer_(buffer) {}
  void append(std::string_view bytes);
  std::size_t size() const { return size_; }
  bool fits() const { return size_ <= buffer_.size(); }

 private:
  std::span<char> buffer_;
  std::size_t size_ = 0;
};

// Span by span, for a caller that has no list of them: call span() for each, then finish().
class MaskWriter {
 public:
  MaskWriter(std::string_view text, std::span<const std::string_view> types, ResultBuffer& result)
      : text_(text), types_(types), result_(result) {}
  void span(const TaggedSpan& span);
  void finish();

 private:
  std::string_view text_;
  std::span<const std::string_view> types_;
  ResultBuffer& result_;
  std::size_t read_ = 0;  // bytes of text
};

class EditWriter {
 public:
  EditWriter(std::string_view text, ResultBuffer& result) : text_(text), result_(result) {}
  void span(const TaggedSpan& span);
  void finish();

 private:
  void keep(std::string_view part);

  std::string_view text_;
  ResultBuffer& result_;
  std::size_t read_ = 0;
  bool removed_ = false;  // a span ends at read_
  bool space_ = false;    // there was white space after the last byte that was kept
};

std::string masked_text(std::string_view text, std::span<const TaggedSpan> spans,
                        std::span<const std::string_view> types);
std::string edited_text(std::string_view text, std::span<const TaggedSpan> spans);

}  // namespace noggin::runtime
