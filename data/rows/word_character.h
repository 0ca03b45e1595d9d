// Letters and digits of any script.
#pragma once

#include <utf8proc.h>

#include <cstddef>
#include <string_view>

#include "bytes/utf8.h"

namespace noggin::data {

// Whether the character that begins at `at`, which is moved behind it, is a letter or a digit. text: valid UTF-8.
inline bool next_is_letter_or_digit(std::string_view text, std::size_t& at) {
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(decode_utf8(text, at)));
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

}  // namespace noggin::data
