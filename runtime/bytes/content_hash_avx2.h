// A part of ContentHasher (content_hash.h) for processors with AVX2.
#pragma once

#include <cstddef>

namespace noggin {

// XXH3_64bits_update() of an XXH3_state_t.
void update_with_avx2(void* state, const void* bytes, std::size_t size);

}  // namespace noggin
