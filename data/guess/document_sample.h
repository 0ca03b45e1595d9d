// Which documents of a long file are looked at, if not all: the file may be sorted, by class or by time, so that its
// beginning knows a part of what it holds. All of the first `dense` documents, every second one of as many that follow,
// every fourth of the next 2 * dense, and so on: n documents cost about dense * (1 + log2(n / dense) / 2), and of n
// alike ones in a row at least n / stride are seen, wherever they stand.
#pragma once

#include <bit>
#include <cstdint>

namespace noggin::data {

class DocumentSample {
 public:
  // dense > 0
  explicit DocumentSample(std::uint64_t dense) : dense_(dense) {}
  // The document with this number, from 0.
  bool takes(std::uint64_t number) const { return number < end() && number % stride(number) == 0; }
  // The documents from here on are not looked at, so that a file of any length takes seconds.
  std::uint64_t end() const { return dense_ * kFarthest; }

 private:
  static constexpr std::uint64_t kFarthest = 64;
  std::uint64_t stride(std::uint64_t number) const { return std::bit_floor(number / dense_) * 2 | (number < dense_); }

  std::uint64_t dense_;
};

}  // namespace noggin::data
