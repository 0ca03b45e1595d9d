// The longest line of a text file or stream that any tool reads.
#pragma once

#include <cstddef>

namespace noggin {

inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 20;  // a guard against input that has no lines

}  // namespace noggin
