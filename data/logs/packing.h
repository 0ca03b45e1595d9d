// Values as bytes and back, for what this program writes for itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace noggin::data {

// Appends to a string. Values as they lie in memory, text and lists behind their length.
class Packer {
 public:
  explicit Packer(std::string& bytes) : bytes_(bytes) {}
  template <class Value>
  Packer& value(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  // Several, one behind the other, at once.
  template <class... Values>
  Packer& values(const Values&... values) {
    static_assert((std::is_trivially_copyable_v<Values> && ...));
    std::array<char, (sizeof(Values) + ...)> packed;
    char* to = packed.data();
    ((std::memcpy(to, &values, sizeof values), to += sizeof values), ...);
    bytes_.append(packed.data(), packed.size());
    return *this;
  }
  template <class Item>
  Packer& list(const Item* items, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<Item>);
    value(static_cast<std::uint32_t>(count));
    bytes_.append(reinterpret_cast<const char*>(items), count * sizeof(Item));
    return *this;
  }
  template <class Item>
  Packer& list(const std::vector<Item>& items) {
    return list(items.data(), items.size());
  }
  Packer& text(std::string_view text) { return list(text.data(), text.size()); }

 private:
  std::string& bytes_;
};

// Reads what a Packer wrote, in its order. After bytes that are too short everything is empty, and ok() is false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  template <class Value>
  Value value() {
    Value value{};
    if (take(sizeof value)) std::memcpy(&value, taken_, sizeof value);
    return value;
  }
  bool flag() { return value<std::uint8_t>() != 0; }
  template <class Item>
  void list(std::vector<Item>& items) {
    const auto count = value<std::uint32_t>();
    items.clear();
    if (!take(std::size_t{count} * sizeof(Item))) return;
    items.resize(count);
    if (count > 0) std::memcpy(items.data(), taken_, count * sizeof(Item));
  }
  std::string_view text() {
    const auto size = value<std::uint32_t>();
    return take(size) ? std::string_view(taken_, size) : std::string_view();
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  bool take(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return false;
    taken_ = rest_.data();
    rest_.remove_prefix(size);
    return true;
  }
  std::string_view rest_;
  const char* taken_ = nullptr;
  bool ok_ = true;
};

}  // namespace noggin::data
