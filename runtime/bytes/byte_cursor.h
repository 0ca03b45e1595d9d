// Walks over bytes that may be hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "bytes/little_endian.h"

namespace noggin {

// Every step says whether the bytes were there; nothing is read past the end. Does not own the bytes.
class ByteCursor {
 public:
  explicit ByteCursor(std::span<const std::byte> bytes) : rest_(bytes) {}

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

}  // namespace noggin
