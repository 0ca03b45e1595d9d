#include "bytes/utf8.h"

namespace noggin {
namespace {

// What a lead byte announces: how many bytes follow, and the range of the first of them, which is where overlong forms
// (E0, F0), surrogates (ED) and values past the end (F4) are detected. follow = 0: not a lead byte.
struct Lead {
  unsigned follow;
  unsigned low, high;
};

Lead lead_of(unsigned byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::uint32_t decode_utf8(std::string_view text, std::size_t& position) {
  const auto first = static_cast<unsigned char>(text[position++]);
  if (first < 0x80) return first;
  Lead lead = lead_of(first);
  if (lead.follow == 0) return kReplacementCharacter;
  std::uint32_t code_point = first & (0x3FU >> lead.follow);
  for (unsigned i = 0; i < lead.follow; ++i) {
    if (position >= text.size()) return kReplacementCharacter;
    const auto byte = static_cast<unsigned char>(text[position]);
    if (byte < lead.low || byte > lead.high) return kReplacementCharacter;
    code_point = (code_point << 6) | (byte & 0x3FU);
    ++position;
    lead.low = 0x80;
    lead.high = 0xBF;
  }
  return code_point;
}

std::size_t encode_utf8(std::uint32_t code_point, char* bytes) {
  const auto continuation = [&](unsigned shift) { return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) {
    bytes[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    bytes[0] = static_cast<char>(0xC0U | (code_point >> 6));
    bytes[1] = continuation(0);
    return 2;
  }
  if (code_point < 0x10000) {
    bytes[0] = static_cast<char>(0xE0U | (code_point >> 12));
    bytes[1] = continuation(6);
    bytes[2] = continuation(0);
    return 3;
  }
  bytes[0] = static_cast<char>(0xF0U | (code_point >> 18));
  bytes[1] = continuation(12);
  bytes[2] = continuation(6);
  bytes[3] = continuation(0);
  return 4;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    // An encoded U+FFFD is three bytes long and valid; one that stands for an error has other bytes.
    if (decode_utf8(text, position) == kReplacementCharacter && text.substr(start, 3) != "\xEF\xBF\xBD") return false;
  }
  return true;
}

}  // namespace noggin
