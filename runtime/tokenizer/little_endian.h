// Loads and stores of the little-endian integers in the tokenizer section. They need no alignment.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace noggin::runtime {

template <typename Integer>
inline Integer load_little_endian(const std::byte* bytes) {
  if constexpr (std::endian::native == std::endian::little) {
    Integer value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  } else {
    Integer value = 0;
    for (std::size_t i = sizeof(Integer); i-- > 0;) {
      value = static_cast<Integer>((value << 8) | static_cast<Integer>(bytes[i]));
    }
    return value;
  }
}

template <typename Integer>
inline void append_little_endian(std::vector<std::byte>& bytes, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    bytes.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFF));
  }
}

}  // namespace noggin::runtime
