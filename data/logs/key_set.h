// Tables of 64-bit keys that are already hashes: open addressing, 11 to 22 bytes per key, and 1.3 to 2.7 times the size
// of the value that belongs to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace noggin::data {

// Where keys lie in a table; grows it.
class KeySlots {
 public:
  struct Place {
    std::size_t slot = 0;  // kZeroSlot for the key 0, which marks an empty slot
    bool is_new = false;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1), kZeroSlot = kNone - 1;

  std::size_t find(std::uint64_t key) const;  // its slot, or kNone
  void prefetch(std::uint64_t key) const;     // a table that is larger than the cache: what find() will read
  std::size_t size() const { return size_ + (has_zero_ ? 1 : 0); }
  std::uint64_t key_at(std::size_t slot) const { return slots_[slot]; }  // 0: none
  bool has_zero() const { return has_zero_; }
  std::size_t capacity() const { return slots_.size(); }
  bool must_grow() const { return 4 * (size_ + 1) > 3 * slots_.size(); }  // at most 3/4 full
  Place insert(std::uint64_t key);                                        // !must_grow()
  // moved(old slot, new slot) for each key.
  template <class Moved>
  void grow(Moved&& moved) {
    const std::vector<std::uint64_t> old = std::exchange(slots_, {});
    slots_.resize(old.empty() ? 64 : 2 * old.size());
    for (std::size_t slot = 0; slot < old.size(); ++slot) {
      if (old[slot] == 0) continue;
      const std::size_t now = slot_of(old[slot]);
      slots_[now] = old[slot];
      moved(slot, now);
    }
  }

 private:
  std::size_t slot_of(std::uint64_t key) const;  // where key is, or the empty slot where it belongs

  std::vector<std::uint64_t> slots_;  // a power of two; 0: empty
  std::size_t size_ = 0;              // keys in slots_
  bool has_zero_ = false;
};

class KeySet {
 public:
  bool insert(std::uint64_t key);  // false: already present
  void prefetch(std::uint64_t key) const { keys_.prefetch(key); }
  bool contains(std::uint64_t key) const { return keys_.find(key) != KeySlots::kNone; }
  std::size_t size() const { return keys_.size(); }
  // use(key), in any order.
  template <class Use>
  void for_each(Use&& use) const {
    for (std::size_t slot = 0; slot < keys_.capacity(); ++slot)
      if (keys_.key_at(slot) != 0) use(keys_.key_at(slot));
    if (keys_.has_zero()) use(std::uint64_t{0});
  }

 private:
  KeySlots keys_;
};

template <class Value>
class KeyMap {
 public:
  // Keeps the first value of a key. Returns the kept one (valid until the next call), and whether the key is new.
  std::pair<Value&, bool> insert(std::uint64_t key, Value value) {
    if (keys_.must_grow()) {
      std::vector<Value> old = std::exchange(values_, {});
      values_.resize(old.empty() ? 64 : 2 * old.size());
      keys_.grow([&](std::size_t from, std::size_t to) { values_[to] = old[from]; });
    }
    const KeySlots::Place place = keys_.insert(key);
    Value& kept = place.slot == KeySlots::kZeroSlot ? of_zero_ : values_[place.slot];
    if (place.is_new) kept = value;
    return {kept, place.is_new};
  }
  void prefetch(std::uint64_t key) const { keys_.prefetch(key); }
  // Null if the key is unknown; valid until the next insert().
  Value* find(std::uint64_t key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  const Value* find(std::uint64_t key) const {
    const std::size_t slot = keys_.find(key);
    if (slot == KeySlots::kNone) return nullptr;
    return slot == KeySlots::kZeroSlot ? &of_zero_ : &values_[slot];
  }
  std::size_t size() const { return keys_.size(); }
  // use(key, value), in any order.
  template <class Use>
  void for_each(Use&& use) const {
    for (std::size_t slot = 0; slot < keys_.capacity(); ++slot)
      if (keys_.key_at(slot) != 0) use(keys_.key_at(slot), values_[slot]);
    if (keys_.has_zero()) use(std::uint64_t{0}, of_zero_);
  }

 private:
  KeySlots keys_;
  std::vector<Value> values_;  // by slot
  Value of_zero_{};
};

}  // namespace noggin::data
