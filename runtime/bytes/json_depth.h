// How deep a JSON text is nested, before it becomes a tree: copying, printing and freeing a tree recurse once per
// level, so a text from outside is measured first.
#pragma once

#include <cstddef>
#include <string_view>

namespace noggin {

inline constexpr int kDeepestJson = 64;

// Whether brackets outside strings are nested deeper than kDeepestJson. The text need not be JSON.
inline bool is_nested_too_deeply(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;  // whatever follows is part of the string
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace noggin
