// The two versions a .nog file carries. They move independently.
#pragma once

#include <cstdint>

namespace noggin::spec {

// Raised when the arrangement of bytes changes (spec/FORMAT.md).
inline constexpr std::uint32_t kLayoutVersion = 1;
// Raised when any rule of spec/NUMERICS.md changes: the same file must never mean other logits.
inline constexpr std::uint32_t kNumericsVersion = 1;

}  // namespace noggin::spec
