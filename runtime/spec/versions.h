// The two versions a .nog file carries. They move independently.
#pragma once

#include <cstdint>

namespace noggin::spec {

// Raised when the arrangement of bytes changes (spec/FORMAT.md). Readers accept every version from the oldest on; a
// writer gives a file the lowest version that can express its content.
inline constexpr std::uint32_t kLayoutVersion = 5;
inline constexpr std::uint32_t kOldestLayoutVersion = 1;
// Raised when any rule of spec/NUMERICS.md changes: the same file must never give different logits.
inline constexpr std::uint32_t kNumericsVersion = 1;

}  // namespace noggin::spec
