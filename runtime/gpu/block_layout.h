// Cuts one block of device memory into arrays: sizes first, then addresses, so that a model or a batch is one
// allocation and its size is known before.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/layout.h"

namespace noggin::gpu {

class BlockLayout {
 public:
  // Reserves room for `count` elements of T, 64-byte aligned; returns its offset.
  template <typename T>
  std::size_t add(std::size_t count) {
    const std::size_t offset = bytes_;
    bytes_ += spec::round_up(count * sizeof(T), spec::kTensorAlignment);
    return offset;
  }
  std::size_t bytes() const { return bytes_; }

  // Where `offset` lies in a block at `base`. Base may be null while only sizes are asked for.
  template <typename T>
  static T* at(const std::byte* base, std::size_t offset) {
    return reinterpret_cast<T*>(reinterpret_cast<std::uintptr_t>(base) + offset);
  }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace noggin::gpu
