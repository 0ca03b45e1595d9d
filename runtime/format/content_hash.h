// XXH3-64 (Yann Collet's xxHash). Finds accidents: a flipped bit, a truncated or mixed-up copy. Does not prove origin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace noggin::format {

std::uint64_t content_hash(std::span<const std::byte> bytes);

// The same for bytes that arrive in pieces, in order.
class ContentHasher {
 public:
  ContentHasher();
  void update(std::span<const std::byte> bytes);
  std::uint64_t digest() const;

 private:
  alignas(64) std::byte state_[576];  // the state of xxhash.h, which this header does not include
};

}  // namespace noggin::format
