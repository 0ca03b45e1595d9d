#include "bytes/content_hash.h"

#include <new>

#include "bytes/content_hash_avx2.h"
#include "bytes/x86_features.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace noggin {

#if defined(__x86_64__)
namespace {

const bool kHasAvx2 = x86::has_avx2();  // false until it is initialized, which costs speed alone

}  // namespace
#endif

std::uint64_t content_hash(std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (bytes.size() > XXH3_MIDSIZE_MAX && kHasAvx2) return long_hash_with_avx2(bytes.data(), bytes.size());
#endif
  return XXH3_64bits(bytes.data(), bytes.size());
}

ContentHasher::ContentHasher() {
  static_assert(sizeof(XXH3_state_t) <= sizeof(state_) && alignof(XXH3_state_t) <= 64);
  XXH3_64bits_reset(new (state_) XXH3_state_t);
}

void ContentHasher::update(std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (kHasAvx2) return update_with_avx2(state_, bytes.data(), bytes.size());
#endif
  XXH3_64bits_update(reinterpret_cast<XXH3_state_t*>(state_), bytes.data(), bytes.size());
}

std::uint64_t ContentHasher::digest() const {
  return XXH3_64bits_digest(reinterpret_cast<const XXH3_state_t*>(state_));
}

}  // namespace noggin
