#include "bytes/foreign_text.h"

#include <cstddef>

#include "bytes/utf8.h"

namespace noggin {

bool is_unprintable(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool separates = c == 0x2028 || c == 0x2029;
  const bool turns =
      c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || separates || turns;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const std::uint32_t code_point = decode_utf8(text, position);
    if (is_unprintable(code_point) && code_point != '\n' && code_point != '\t') {
      append_escaped(code_point, shown);
    } else if (code_point == kReplacementCharacter) {
      shown += "\uFFFD";
    } else {
      shown += text.substr(start, position - start);
    }
  }
  return shown;
}

void append_escaped(std::uint32_t code_point, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code_point >> shift) & 0xFU];
}

}  // namespace noggin
