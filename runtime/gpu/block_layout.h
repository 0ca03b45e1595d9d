// Divides one block of device memory into arrays: sizes first, then addresses, so that a model or a batch is one
// allocation whose size is known in advance.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/layout.h"

namespace noggin::gpu {

class BlockLayout {
 public:
  // Reserves space for `count` elements of T, 64-byte aligned; returns its offset.
  template <typename T>
  std::size_t add(std::size_t count) {
    const std::size_t offset = bytes_;
    bytes_ += spec::round_up(count * sizeof(T), spec::kTensorAlignment);
    return offset;
  }
  std::size_t bytes() const { return bytes_; }

  // The address of `offset` in a block at `base`. base may be null while only sizes are needed.
  template <typename T>
  static T* at(const std::byte* base, std::size_t offset) {
    return reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(base) + offset);
  }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace noggin::gpu
