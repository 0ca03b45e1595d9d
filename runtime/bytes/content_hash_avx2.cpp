// XXH3 as content_hash.cpp has it, compiled with AVX2: 48 instead of 18 GB/s where that was measured (a Zen 4, bytes in
// its cache). Holds nothing but static functions, so that none of them can be chosen for the whole program.
#if defined(__x86_64__)
#include "bytes/content_hash_avx2.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace noggin {

std::uint64_t long_hash_with_avx2(const void* bytes, std::size_t size) {
  if (size <= XXH3_MIDSIZE_MAX) __builtin_unreachable();
  return XXH3_64bits(bytes, size);
}

void update_with_avx2(void* state, const void* bytes, std::size_t size) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state), bytes, size);
}

}  // namespace noggin
#endif
