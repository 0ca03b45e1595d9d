// XXH3-64 (Yann Collet's xxHash). Finds accidents: a flipped bit, a truncated or mixed-up copy. Does not prove origin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace noggin {

std::uint64_t content_hash(std::span<const std::byte> bytes);
inline std::uint64_t content_hash(const void* bytes, std::size_t size) {
  return content_hash({static_cast<const std::byte*>(bytes), size});
}

// The same hash over bytes that arrive in pieces, in order.
class ContentHasher {
 public:
  ContentHasher();
  void update(std::span<const std::byte> bytes);
  void update(const void* bytes, std::size_t size) { update({static_cast<const std::byte*>(bytes), size}); }
  std::uint64_t digest() const;

 private:
  alignas(64) std::byte state_[576];  // the state of xxhash.h, which this header does not include
};

}  // namespace noggin
