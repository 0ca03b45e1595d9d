#include "data/rows/excerpt.h"

#include <utf8proc.h>

#include "bytes/foreign_text.h"
#include "bytes/utf8.h"

namespace noggin::data {
namespace {

// What no reader sees, such as U+200B, although it moves nothing: two names that differ by it look like one.
bool is_invisible(std::uint32_t code_point) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
      return true;
    default:
      return false;
  }
}

// Above U+FFFF as JSON writes it, too: two surrogates.
void append_any_escaped(std::uint32_t code_point, std::string& out) {
  if (code_point <= 0xFFFF) return append_escaped(code_point, out);
  append_escaped(0xD800 + ((code_point - 0x10000) >> 10U), out);
  append_escaped(0xDC00 + ((code_point - 0x10000) & 0x3FFU), out);
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  std::string shown = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t code_point = decode_utf8(text, at);
    if (at > max_bytes) return shown + "...\"";
    if (is_unprintable(code_point) || is_invisible(code_point) || code_point == kReplacementCharacter)
      append_any_escaped(code_point, shown);
    else
      shown += text.substr(begin, at - begin);
  }
  return shown + "\"";
}

}  // namespace noggin::data
