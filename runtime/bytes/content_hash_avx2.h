// What of content_hash.h is worth its own code for processors with AVX2.
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin {

// XXH3_64bits() of more than 240 bytes, of which it has only the loop over blocks.
std::uint64_t long_hash_with_avx2(const void* bytes, std::size_t size);

// XXH3_64bits_update() of an XXH3_state_t.
void update_with_avx2(void* state, const void* bytes, std::size_t size);

}  // namespace noggin
