// Texts made from a text and its spans: found spans masked by their type, or removed. Pure functions of both, byte by
// byte: no character is ever cut, and bytes that are not UTF-8 pass as they are.
//
// Masked: each span's bytes become "[TYPE]"; all other bytes stay as they are.
//     "mail anna@example.org now"  ->  "mail [EMAIL] now"
// Edited: each span's bytes go away. White space (space, tab, line feed, carriage return) before and behind what went
// becomes one space; or nothing at the start and the end of the result, before one of , . ? ! ; : and where there was
// none. White space that no removed span touches stays.
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

// Room for a result, which may be too small or nothing: size() says how much it would take.
class ResultRoom {
 public:
  explicit ResultRoom(std::span<char> room) : room_(room) {}
  void append(std::string_view bytes);
  std::size_t size() const { return size_; }
  bool fits() const { return size_ <= room_.size(); }

 private:
  std::span<char> room_;
  std::size_t size_ = 0;
};

// Span by span, for a caller that has no list of them: span() for each, then finish().
class MaskWriter {
 public:
  MaskWriter(std::string_view text, std::span<const std::string_view> types, ResultRoom& result)
      : text_(text), types_(types), result_(result) {}
  void span(const TaggedSpan& span);
  void finish();

 private:
  std::string_view text_;
  std::span<const std::string_view> types_;
  ResultRoom& result_;
  std::size_t read_ = 0;  // bytes of text
};

class EditWriter {
 public:
  EditWriter(std::string_view text, ResultRoom& result) : text_(text), result_(result) {}
  void span(const TaggedSpan& span);
  void finish();

 private:
  void keep(std::string_view part);

  std::string_view text_;
  ResultRoom& result_;
  std::size_t read_ = 0;
  bool removed_ = false;  // a span ends at read_
  bool space_ = false;    // there was white space since the last byte that was kept
};

std::string masked_text(std::string_view text, std::span<const TaggedSpan> spans,
                        std::span<const std::string_view> types);
std::string edited_text(std::string_view text, std::span<const TaggedSpan> spans);

}  // namespace noggin::runtime
