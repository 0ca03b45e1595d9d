#include "data/rows/class_name.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

#include "bytes/utf8.h"

namespace noggin::data {
namespace {

constexpr std::uint32_t kNextLine = 0x85, kZeroWidthNoBreakSpace = 0xFEFF;
constexpr std::uint32_t kPieceSpace = 0x2581, kFoldedByteSpace = 0x121;  // "▁"; "Ġ" in lower case

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_white_space(std::uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return c == kNextLine || c == kZeroWidthNoBreakSpace || category == UTF8PROC_CATEGORY_ZS ||
         category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

// ASCII only, so that it never depends on a locale.
char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The text unchanged if it is not UTF-8.
std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &result, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return std::string(text);
  std::string copy(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
  std::free(result);
  return copy;
}

}  // namespace

std::string_view trimmed_name(std::string_view name) {
  const auto is_graphic = [](char c) { return c > ' ' && c <= '~'; };
  if (!name.empty() && is_graphic(name.front()) && is_graphic(name.back())) return name;
  std::size_t first = name.size(), last = name.size();
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t begin = at;
    if (is_white_space(decode_utf8(name, at))) continue;
    first = std::min(first, begin);
    last = at;
  }
  return name.substr(first, last - first);
}

std::string exact_class_key(std::string_view name) {
  const std::string_view bare = trimmed_name(name);
  return is_ascii(bare) ? std::string(bare) : std::string(trimmed_name(mapped(bare, UTF8PROC_IGNORE)));
}

std::string class_key(std::string_view name) {
  std::string key = exact_class_key(name);
  std::transform(key.begin(), key.end(), key.begin(), folded);
  return key;
}

std::string look_alike_key(std::string_view name) {
  return std::string(trimmed_name(mapped(name, UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)));
}

std::string loose_key(std::string_view name) {
  const std::string key = look_alike_key(name);
  std::string loose;
  std::size_t separator = key.size();  // where the run of separators before `at` begins
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t begin = at;
    const std::uint32_t c = decode_utf8(key, at);
    if (c == '_' || c == '-' || c == kPieceSpace || c == kFoldedByteSpace || is_white_space(c)) {
      separator = std::min(separator, begin);
      continue;
    }
    if (separator < begin && separator > 0) loose.push_back(' ');
    if (separator == 0) loose.append(key, 0, begin);
    separator = key.size();
    loose.append(key, begin, at - begin);
  }
  return loose.append(key, separator);
}

std::size_t loose_ascii_key(std::string_view name, char* key) {
  constexpr std::string_view kSeparators = "_- \t\r\n\v\f";
  const std::size_t first = name.find_first_not_of(kSeparators), last = name.find_last_not_of(kSeparators);
  std::size_t size = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool inner = first != std::string_view::npos && at > first && at < last;
    if (!inner || kSeparators.find(name[at]) == std::string_view::npos)
      key[size++] = folded(name[at]);
    else if (kSeparators.find(name[at - 1]) == std::string_view::npos)
      key[size++] = ' ';
  }
  return size;
}

}  // namespace noggin::data
