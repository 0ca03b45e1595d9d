// Whether a text is nothing but the white space that JSON and tables have between values.
#pragma once

#include <string_view>

namespace noggin::data {

inline bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace noggin::data
