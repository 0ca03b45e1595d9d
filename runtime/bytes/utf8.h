// UTF-8 in both directions. Any bytes can be read: what is not UTF-8 is decoded as U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace noggin {

inline constexpr std::uint32_t kReplacementCharacter = 0xFFFD;
inline constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
inline constexpr std::size_t kMaxUtf8Bytes = 4;

// A Unicode scalar value: everything UTF-8 can encode.
inline constexpr bool is_scalar(std::uint32_t code_point) {
  return code_point < 0xD800 || (code_point >= 0xE000 && code_point <= kLastCodePoint);
}

// The code point at text[position], position < text.size(); moves position past it. An overlong form, a surrogate, a
// value past U+10FFFF, a stray or a missing byte gives U+FFFD and moves past the bytes of the broken sequence (at least
// one), as the Unicode standard recommends (section 3.9, "maximal subpart").
std::uint32_t decode_utf8(std::string_view text, std::size_t& position);

// Writes 1..4 bytes for a scalar value; returns how many.
std::size_t encode_utf8(std::uint32_t code_point, char* bytes);

bool is_valid_utf8(std::string_view text);

}  // namespace noggin
