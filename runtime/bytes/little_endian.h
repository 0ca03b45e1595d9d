// Little-endian loads and stores, whatever the machine and the alignment. Files are little-endian everywhere.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace noggin {

template <std::integral Integer>
inline Integer load_little_endian(const std::byte* from) {
  if constexpr (std::endian::native == std::endian::little) {
    Integer value;
    std::memcpy(&value, from, sizeof value);
    return value;
  } else {
    Integer value = 0;
    for (std::size_t i = sizeof(Integer); i-- > 0;) {
      value = static_cast<Integer>((value << 8) | static_cast<Integer>(from[i]));
    }
    return value;
  }
}

inline std::uint32_t load_u32(const std::byte* from) { return load_little_endian<std::uint32_t>(from); }
inline std::uint64_t load_u64(const std::byte* from) { return load_little_endian<std::uint64_t>(from); }

template <std::integral Integer>
inline void store_little_endian(std::byte* to, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
}

inline void store_u32(std::byte* to, std::uint32_t value) { store_little_endian(to, value); }
inline void store_u64(std::byte* to, std::uint64_t value) { store_little_endian(to, value); }
inline void store_f32(std::byte* to, float value) { store_u32(to, std::bit_cast<std::uint32_t>(value)); }

template <std::integral Integer>
inline void append_little_endian(std::vector<std::byte>& bytes, Integer value) {
  bytes.resize(bytes.size() + sizeof(Integer));
  store_little_endian(bytes.data() + bytes.size() - sizeof(Integer), value);
}

}  // namespace noggin
