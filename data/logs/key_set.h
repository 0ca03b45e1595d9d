// A set of 64-bit keys that are already hashes: open addressing, 11 to 22 bytes per key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace noggin::data {

class KeySet {
 public:
  bool insert(std::uint64_t key);  // false: already present
  bool contains(std::uint64_t key) const;
  std::size_t size() const { return size_ + (has_zero_ ? 1 : 0); }

 private:
  std::size_t slot_of(std::uint64_t key) const;  // where key is, or the empty slot where it belongs
  void grow();

  std::vector<std::uint64_t> slots_;  // a power of two; 0: empty
  std::size_t size_ = 0;              // keys in slots_
  bool has_zero_ = false;
};

}  // namespace noggin::data
