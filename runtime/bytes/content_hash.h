// XXH3-64 (Yann Collet's xxHash), which finds accidents: a flipped bit, a cut or mixed-up copy. It proves no origin.
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
  alignas(64) std::byte state_[576];  // of xxhash.h, which stays out of this header
};

}  // namespace noggin
