// Divides one block of memory into the buffers of a session.
#pragma once

#include <cstddef>

#include "spec/layout.h"

namespace noggin::runtime {

// Allocates aligned pieces of a block, one after the other. With a null block it only counts, so that the size and the
// pieces come from the same lines of code. Does not own the block.
class Carver {
 public:
  explicit Carver(std::byte* block) : block_(block) {}

  template <typename T>
  T* take(std::size_t count) {
    T* piece = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ += spec::round_up(count * sizeof(T), spec::kTensorAlignment);
    return piece;
  }
  std::size_t used() const { return used_; }
  void rewind(std::size_t used) { used_ = used; }  // what was taken since shares its memory with what comes

 private:
  std::byte* block_;
  std::size_t used_ = 0;
};

// Bytes between two rows. Panels are padded to 16 outputs and 8 inputs; a whole cache line serves both.
constexpr std::size_t row_stride(std::size_t width) { return spec::round_up(width, spec::kTensorAlignment); }

}  // namespace noggin::runtime
