// The mark that some editors write at the start of a UTF-8 file. It is no part of the text.
#pragma once

#include <string_view>

namespace noggin {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // U+FEFF

// For the beginning of every text file that is read.
constexpr std::string_view without_byte_order_mark(std::string_view text) {
  return text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

}  // namespace noggin
