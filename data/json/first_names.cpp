#include "data/json/first_names.h"

#include <optional>

namespace noggin::data {
namespace {

FirstNames::Set bit_of(std::size_t index) { return FirstNames::Set{1} << index % 64; }

}  // namespace

// Where a name is, or the empty slot where it belongs. There are always empty slots: indexes have 8 bits.
std::size_t FirstNames::slot_of(std::string_view name) const {
  const auto byte = [name](std::size_t at) { return std::size_t{static_cast<unsigned char>(name[at])}; };
  std::size_t slot = name.empty() ? 0 : (name.size() * 37 + byte(0) * 5 + byte(name.size() - 1)) % kSlots;
  while (slots_[slot] != 0 && names_[slots_[slot] - std::size_t{1}] != name) slot = (slot + 1) % kSlots;
  return slot;
}

FirstNames::Set FirstNames::add(const JsonPaths& paths) {
  Set set = 0;
  for (const JsonPath& path : paths.all()) {
    const std::optional<std::string_view> name = path.first_name();
    if (!name) return kAny;
    const std::size_t slot = slot_of(*name);
    if (slots_[slot] == 0) {
      if (names_.size() + 2 > kSlots) return kAny;
      names_.emplace_back(*name);
      slots_[slot] = static_cast<std::uint8_t>(names_.size());
    }
    set |= bit_of(slots_[slot] - std::size_t{1});
  }
  return set;
}

[[gnu::flatten]] FirstNames::Set FirstNames::in(JsonValue document) const {
  JsonObject object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return kAny;
  Set set = 0;
  const auto end = object.end();
  for (auto field = object.begin(); field != end; ++field)
    if (const std::uint8_t known = slots_[slot_of(field.key())]) set |= bit_of(known - std::size_t{1});
  return set;
}

}  // namespace noggin::data
