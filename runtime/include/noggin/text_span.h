// Where something lies in a text.
#pragma once

#include <cstddef>

namespace noggin {

// Bytes begin .. end - 1 of the original text; begin == end for what has no place in it.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TextSpan&) const = default;
};

}  // namespace noggin
