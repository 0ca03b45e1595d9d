// The key of a text without what people do not notice: two texts that differ only in the case of ASCII letters, white
// space and punctuation have one key.
#pragma once

#include <cstdint>
#include <string_view>

namespace noggin::data {

// 0 for a text that has neither letters nor digits.
std::uint64_t near_key(std::string_view text);

}  // namespace noggin::data
