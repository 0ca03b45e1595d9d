#include "data/rows/excerpt.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include "bytes/utf8.h"

namespace noggin::data {
namespace {

bool shows(std::uint32_t code_point) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  std::string shown = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::uint32_t code_point = decode_utf8(text, at);
    if (at > max_bytes) return shown + "...\"";
    if (shows(code_point) && code_point != kReplacementCharacter)
      shown += text.substr(begin, at - begin);
    else
      shown += fmt::format("\\u{{{:X}}}", code_point);
  }
  return shown + "\"";
}

}  // namespace noggin::data
