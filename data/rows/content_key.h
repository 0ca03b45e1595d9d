// The key of a row's text: stored with each row, used for duplicates and overlap.
#pragma once

#include <cstdint>
#include <string_view>

#include "bytes/content_hash.h"
#include "data/rows/content_key.h"

namespace noggin::data {

// XXH3-64. With n rows the chance that any two different texts share a key is about n^2 / 2^65: one in 37 at a billion
// rows, and then one row is dropped.
inline std::uint64_t content_key(std::string_view text) { return content_hash(text.data(), text.size()); }

}  // namespace noggin::data
