// XXH3-64 (Yann Collet's xxHash), which finds accidents: a flipped bit, a cut or mixed-up copy. It proves no origin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace noggin::format {

std::uint64_t content_hash(std::span<const std::byte> bytes);

}  // namespace noggin::format
