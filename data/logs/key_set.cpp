#include "data/logs/key_set.h"

namespace noggin::data {

std::size_t KeySlots::slot_of(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(key) & mask;
  while (slots_[slot] != 0 && slots_[slot] != key) slot = (slot + 1) & mask;
  return slot;
}

std::size_t KeySlots::find(std::uint64_t key) const {
  if (key == 0) return has_zero_ ? kZeroSlot : kNone;
  if (slots_.empty()) return kNone;
  const std::size_t slot = slot_of(key);
  return slots_[slot] == key ? slot : kNone;
}

void KeySlots::prefetch(std::uint64_t key) const {
  if (!slots_.empty()) __builtin_prefetch(slots_.data() + (static_cast<std::size_t>(key) & (slots_.size() - 1)));
}

KeySlots::Place KeySlots::insert(std::uint64_t key) {
  if (key == 0) return {kZeroSlot, !std::exchange(has_zero_, true)};
  const std::size_t slot = slot_of(key);
  if (slots_[slot] == key) return {slot, false};
  slots_[slot] = key;
  ++size_;
  return {slot, true};
}

bool KeySet::insert(std::uint64_t key) {
  if (keys_.must_grow()) keys_.grow([](std::size_t, std::size_t) {});
  return keys_.insert(key).is_new;
}

}  // namespace noggin::data
