// A short proof of many floats: equal hashes mean equal bits.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "bytes/content_hash.h"
#include "bytes/little_endian.h"

namespace noggin {

// content_hash of the values as little-endian float32, one after another; the same on every machine.
inline std::uint64_t float_hash(std::span<const float> values) {
  if constexpr (std::endian::native == std::endian::little) return content_hash(values.data(), values.size_bytes());
  ContentHasher hasher;
  for (const float value : values) {
    std::byte bytes[sizeof value];
    store_f32(bytes, value);
    hasher.update(bytes);
  }
  return hasher.digest();
}

}  // namespace noggin
