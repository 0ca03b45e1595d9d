// Little-endian loads and stores, whatever the machine. The file is little-endian everywhere.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace noggin::format {

inline std::uint32_t load_u32(const std::byte* from) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(from[i]) << (8 * i);
  return value;
}

inline std::uint64_t load_u64(const std::byte* from) {
  return load_u32(from) | static_cast<std::uint64_t>(load_u32(from + 4)) << 32;
}

inline void store_u32(std::byte* to, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

inline void store_u64(std::byte* to, std::uint64_t value) {
  store_u32(to, static_cast<std::uint32_t>(value));
  store_u32(to + 4, static_cast<std::uint32_t>(value >> 32));
}

inline void store_f32(std::byte* to, float value) { store_u32(to, std::bit_cast<std::uint32_t>(value)); }

// Walks over the bytes of one section. Every step reports whether the bytes were there; nothing is read past the end.
class SectionCursor {
 public:
  explicit SectionCursor(std::span<const std::byte> section) : rest_(section) {}

  bool u32(std::uint32_t& value) {
    std::span<const std::byte> taken;
    if (!take(4, taken)) return false;
    value = load_u32(taken.data());
    return true;
  }
  bool take(std::uint64_t count, std::span<const std::byte>& taken) {
    if (count > rest_.size()) return false;
    taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(static_cast<std::size_t>(count));
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace noggin::format
