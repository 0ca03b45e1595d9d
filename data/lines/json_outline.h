// The outline of the first JSON value of a text: where it ends, and whether that far it is JSON. For a look at the
// start of a file; documents are parsed by others.
#pragma once

#include <cstddef>
#include <string_view>

namespace noggin::data {

inline constexpr std::string_view kJsonWhite = " \t\r\n";  // white space of JSON

struct JsonOutline {
  // kCut: JSON so far, and the text ends in it.
  enum class Kind { kWhole, kCut, kBroken } kind = Kind::kBroken;
  std::size_t begin = 0;     // of the value, behind white space
  std::size_t end = 0;       // behind the value; where the text ends; or where it stops to be JSON
  std::size_t elements = 0;  // of the outermost container, that are complete
};

// Of the value that begins behind white space at `from`. NaN and other bare words count as values; a string may not go
// over a line end.
JsonOutline outline_json(std::string_view text, std::size_t from = 0);

}  // namespace noggin::data
