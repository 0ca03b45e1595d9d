#include "bytes/content_hash.h"

#include <new>

#include "bytes/content_hash_avx2.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace noggin {

std::uint64_t content_hash(std::span<const std::byte> bytes) {
  constexpr std::size_t kWorthAState = 4096;  // bytes
  if (bytes.size() < kWorthAState) return XXH3_64bits(bytes.data(), bytes.size());
  ContentHasher hasher;
  hasher.update(bytes);
  return hasher.digest();
}

ContentHasher::ContentHasher() {
  static_assert(sizeof(XXH3_state_t) <= sizeof(state_) && alignof(XXH3_state_t) <= 64);
  XXH3_64bits_reset(new (state_) XXH3_state_t);
}

void ContentHasher::update(std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return update_with_avx2(state_, bytes.data(), bytes.size());
#endif
  XXH3_64bits_update(reinterpret_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

std::uint64_t ContentHasher::digest() const {
  return XXH3_64bits_digest(reinterpret_cast<const XXH3_state_t*>(state_));
}

}  // namespace noggin
