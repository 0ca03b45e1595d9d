// The characters that checks look at, by bytes: ASCII only, and where a word of any script ends. No locale.
#pragma once

#include <cstddef>
#include <string_view>

namespace noggin::checks {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The byte there, or 0 outside of the text. A byte 0 of the text ends nothing that a byte outside would not end.
inline char at(std::string_view text, std::size_t position) { return position < text.size() ? text[position] : '\0'; }
inline char before(std::string_view text, std::size_t position) { return position > 0 ? text[position - 1] : '\0'; }

inline bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
inline bool is_ascii_word(char c) { return is_alphanumeric(c) || c == '_'; }
// The same as below, where the byte in question is none of ASCII.
bool other_word_before(std::string_view text, std::size_t position);
bool other_word_at(std::string_view text, std::size_t position);

// Is the character that ends at `position`, or that starts there, part of a word: a letter, a digit, a mark or "_"?
// Not the characters of scripts that are written without spaces (Chinese, Japanese, Korean, Thai, ...), behind which a
// number begins without a space, too. Broken UTF-8 is no part of a word.
inline bool word_before(std::string_view text, std::size_t position) {
  const char c = before(text, position);
  return is_ascii(c) ? is_ascii_word(c) : other_word_before(text, position);
}
inline bool word_at(std::string_view text, std::size_t position) {
  const char c = at(text, position);
  return is_ascii(c) ? is_ascii_word(c) : other_word_at(text, position);
}

}  // namespace noggin::checks
