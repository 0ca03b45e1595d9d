#include "data/answers/word_marks.h"

#include <algorithm>
#include <array>

#include "bytes/utf8.h"
#include "data/rows/class_name.h"

namespace noggin::data {
namespace {

constexpr std::array<std::string_view, 40> kMarksInFront = {
    "\"", "'",        "`",       "*",  "_", "(", "[", "{", "<", ">",  "|",  "$",     "~~", "##",
    "#",  "\\boxed{", "\\text{", "“",  "”", "‘", "’", "«", "»", "„",  "‚",  "‹",     "›",  "「",
    "『", "《",       "【",      "（", "¿", "¡", "▁", "Ġ", "Ċ", "• ", "- ", "\uFEFF"};
constexpr std::array<std::string_view, 26> kEnclosingBehind = {"\"", "'",  "`",  "*",  "_",  ")",  "]", "}", ">",
                                                               "|",  "$",  "~~", "“",  "”",  "‘",  "’", "«", "»",
                                                               "›",  "」", "』", "》", "】", "）", "▁", "Ċ"};
constexpr std::array<std::string_view, 15> kPunctuationBehind = {".",  ",",  ";",  ":",  "!",  "?",  "…", "。",
                                                                 "，", "！", "？", "；", "：", "、", "．"};

constexpr std::size_t kMaxTagBytes = 40;

bool is_tag_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '|' ||
         c == '/' || c == '-';
}

// A "<...>" at the front that something follows; 0: none.
std::size_t tag_in_front(std::string_view text) {
  if (text.empty() || text[0] != '<') return 0;
  std::size_t at = 1;
  while (at < std::min(text.size(), kMaxTagBytes) && is_tag_character(text[at])) ++at;
  return at > 1 && at + 1 < text.size() && text[at] == '>' ? at + 1 : 0;
}

std::size_t tag_behind(std::string_view text) {
  if (text.empty() || text.back() != '>') return 0;
  std::size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < kMaxTagBytes && is_tag_character(text[at - 1])) --at;
  return at > 1 && at < text.size() - 1 && text[at - 1] == '<' ? text.size() - at + 1 : 0;
}

bool is_space(std::string_view character) { return trimmed_name(character).empty(); }

// Only the ends are looked at, so that stripping a text mark by mark takes linear time.
std::size_t white_space_in_front(std::string_view text) {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < text.size(); bytes = at) {
    const std::size_t begin = at;
    decode_utf8(text, at);
    if (!is_space(text.substr(begin, at - begin))) break;
  }
  return bytes;
}

std::size_t white_space_behind(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    std::size_t at = begin;
    decode_backwards(text, at);
    if (!is_space(text.substr(at, begin - at))) break;
    begin = at;
  }
  return text.size() - begin;
}

bool is_simple(char c) {  // an ASCII letter or digit: no mark begins or ends with one
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::size_t enclosing_in_front(std::string_view text) {
  if (const std::size_t tag = tag_in_front(text)) return tag;
  for (const std::string_view mark : kMarksInFront) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

std::size_t enclosing_behind(std::string_view text) {
  if (const std::size_t tag = tag_behind(text)) return tag;
  for (const std::string_view mark : kEnclosingBehind) {
    if (text.ends_with(mark)) return mark.size();
  }
  return 0;
}

bool is_digit(std::uint32_t c) { return c >= '0' && c <= '9'; }

// Between two words these make one of them. U+2019 is the apostrophe of good typography.
bool joins_words(std::uint32_t c) {
  return c == '-' || c == '\'' || c == '.' || c == '&' || c == '@' || c == 0x2019 || c == 0x2010 || c == 0x2011;
}

}  // namespace

std::size_t mark_in_front(std::string_view text) {
  if (text.empty() || is_simple(text.front())) return 0;
  if (const std::size_t space = white_space_in_front(text)) return space;
  return enclosing_in_front(text);
}

std::size_t mark_behind(std::string_view text) {
  if (text.empty() || is_simple(text.back())) return 0;
  if (const std::size_t space = white_space_behind(text)) return space;
  for (const std::string_view mark : kPunctuationBehind) {
    if (text.ends_with(mark)) return mark.size();
  }
  return enclosing_behind(text);
}

std::string_view without_marks_in_front(std::string_view text) {
  while (const std::size_t bytes = mark_in_front(text)) text.remove_prefix(bytes);
  return text;
}

bool is_enclosed(std::string_view text) {
  return !text.empty() && !is_simple(text.front()) && !is_simple(text.back()) && enclosing_in_front(text) > 0 &&
         enclosing_behind(text) > 0 && enclosing_in_front(text) + enclosing_behind(text) < text.size();
}

bool is_word_character(std::uint32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  const bool symbol = c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2C00) ||
                      (c >= 0x3000 && c < 0x3005) || (c >= 0x3008 && c < 0x3021) || (c >= 0xFE00 && c < 0xFE70) ||
                      (c >= 0xFF00 && c < 0xFF10) || (c >= 0xFF1A && c < 0xFF21) ||
                      (c >= 0xFF3B && c < 0xFF41 && c != 0xFF3F) || (c >= 0xFF5B && c < 0xFF66) || c == 0xFEFF ||
                      c == 0xFFFD || (c >= 0x1F000 && c < 0x1FB00);
  return !symbol || c == 0xAA || c == 0xB5 || c == 0xBA;
}

std::uint32_t decode_backwards(std::string_view text, std::size_t& at) {
  std::size_t begin = at - 1;
  while (begin > 0 && at - begin < kMaxUtf8Bytes && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
  std::size_t end = begin;
  const std::uint32_t c = decode_utf8(text, end);
  if (end != at) {  // not UTF-8
    --at;
    return kReplacementCharacter;
  }
  at = begin;
  return c;
}

bool word_begins(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return at == 0;
  std::size_t next = at;
  const std::uint32_t first = decode_utf8(text, next);
  if (!is_word_character(first)) return true;
  std::size_t before = at;
  std::uint32_t c = decode_backwards(text, before);
  while (c == '_' && before > 0) c = decode_backwards(text, before);  // emphasis, if no word stands in front of it
  if (c == '_') return true;
  if (is_word_character(c)) return false;
  const bool signs = (c == '-' || c == 0x2212) && is_digit(first);
  if (before == 0) return !signs;
  std::size_t beyond = before;
  const bool behind_word = is_word_character(decode_backwards(text, beyond));
  if (signs || joins_words(c)) return !behind_word && !signs;
  return !(c == ',' && is_digit(first) && is_digit(static_cast<unsigned char>(text[before - 1])));
}

bool word_ends(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return at != 0;
  std::size_t back = at;
  const std::uint32_t last = decode_backwards(text, back);
  if (!is_word_character(last)) return true;
  std::size_t after = at;
  std::uint32_t c = decode_utf8(text, after);
  while (c == '_' && after < text.size()) c = decode_utf8(text, after);
  if (c == '_') return true;
  if (is_word_character(c)) return false;
  if (c == '+' || c == '#' || (c == '%' && is_digit(last))) return false;
  if (after >= text.size()) return true;
  std::size_t beyond = after;
  const std::uint32_t following = decode_utf8(text, beyond);
  if (joins_words(c)) return !is_word_character(following);
  return !(c == ',' && is_digit(last) && is_digit(following));
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto folded = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, [&](char x, char y) { return folded(x) == folded(y); });
}

}  // namespace noggin::data
