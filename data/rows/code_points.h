// Converts offsets in Unicode code points, which logs use, to offsets in bytes, which everything here uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace noggin::data {

// One text, walked once for ascending offsets. The text is valid UTF-8 and outlives the walk.
class CodePointWalk {
 public:
  explicit CodePointWalk(std::string_view text) : text_(text) {}
  // The byte where code point number `offset` begins (the text's size for its end). Nothing if `offset` is beyond the
  // text, or below one that was asked for before.
  std::optional<std::size_t> byte_of(std::int64_t offset) {
    if (offset < code_point_) return std::nullopt;
    while (code_point_ < offset) {
      if (byte_ == text_.size()) return std::nullopt;
      ++byte_;
      while (byte_ < text_.size() && (static_cast<unsigned char>(text_[byte_]) & 0xC0U) == 0x80U) ++byte_;
      ++code_point_;
    }
    return byte_;
  }

 private:
  std::string_view text_;
  std::size_t byte_ = 0;
  std::int64_t code_point_ = 0;
};

}  // namespace noggin::data
