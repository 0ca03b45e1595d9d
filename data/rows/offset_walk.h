// Converts offsets of a log, which count bytes, code points or UTF-16 units, to bytes, which everything here uses; and
// back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bytes/text_unit.h"

namespace noggin::data {

// One text, walked once for ascending offsets. The text is valid UTF-8 and outlives the walk.
class OffsetWalk {
 public:
  OffsetWalk(std::string_view text, TextUnit unit) : text_(text), unit_(unit) {}
  // The byte at `offset` units (the text's size for its end). Nothing if that is beyond the text, inside a character,
  // or before an offset that was asked for earlier.
  std::optional<std::size_t> byte_of(std::int64_t offset) {
    while (offset_ < offset && byte_ < text_.size()) step();
    return offset_ == offset ? std::optional(byte_) : std::nullopt;
  }
  // The offset of `byte`, which begins a character (or ends the text) and is not before an earlier one.
  std::int64_t offset_of(std::size_t byte) {
    while (byte_ < byte && byte_ < text_.size()) step();
    return offset_;
  }

 private:
  void step() {
    std::size_t length = 1;
    while (byte_ + length < text_.size() && (static_cast<unsigned char>(text_[byte_ + length]) & 0xC0U) == 0x80U)
      ++length;
    byte_ += length;
    offset_ += static_cast<std::int64_t>(length_in(unit_, length));
  }

  std::string_view text_;
  TextUnit unit_;
  std::size_t byte_ = 0;
  std::int64_t offset_ = 0;
};

}  // namespace noggin::data
