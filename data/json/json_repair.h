// What common writers put into a log though JSON does not allow it, and what it certainly means.
#pragma once

#include <string>
#include <string_view>

namespace noggin::data {

// Writes `text` to `mended` with
//   NaN, Infinity, -Infinity, and numbers beyond 64 bits or a double   as strings of the same characters
//   \ud83d without its second half, and a second half alone            as \ufffd
// and returns whether anything was changed. Linear in the text.
bool repair_json(std::string_view text, std::string& mended);

}  // namespace noggin::data
