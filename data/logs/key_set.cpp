#include "data/logs/key_set.h"

#include <utility>

namespace noggin::data {

std::size_t KeySet::slot_of(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(key) & mask;
  while (slots_[slot] != 0 && slots_[slot] != key) slot = (slot + 1) & mask;
  return slot;
}

bool KeySet::contains(std::uint64_t key) const {
  if (key == 0) return has_zero_;
  return !slots_.empty() && slots_[slot_of(key)] == key;
}

bool KeySet::insert(std::uint64_t key) {
  if (key == 0) return !std::exchange(has_zero_, true);
  if (4 * (size_ + 1) > 3 * slots_.size()) grow();  // at most 3/4 full
  std::uint64_t& slot = slots_[slot_of(key)];
  if (slot == key) return false;
  slot = key;
  ++size_;
  return true;
}

void KeySet::grow() {
  const std::vector<std::uint64_t> old = std::exchange(slots_, {});
  slots_.resize(old.empty() ? 64 : 2 * old.size());
  for (const std::uint64_t key : old)
    if (key != 0) slots_[slot_of(key)] = key;
}

}  // namespace noggin::data
