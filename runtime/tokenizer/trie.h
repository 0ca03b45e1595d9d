// The vocabulary as a double-array trie over bytes (J. Aoe, 1989), read in place: finding the longest piece that starts
// a string costs one load per byte.
//
// An array of 32-bit little-endian units. A node's children start at its base: the child for byte c is unit base + c
// and carries c as its label. No two nodes share a base, so the label alone proves whose child a unit is.
//   bits 0..7   label: the byte that leads here; 0 for the root (unit 0), for ends, and for unused units
//   bit  8      leaf: no children; value is a piece id
//   bit  9      a piece ends at this inner node: unit base is its end, a leaf with label 0
//   bits 10..31 value: piece id of a leaf, else base
// An unused unit is 0. Every base is at least 1 and at least 256 below the number of units, so that a walk needs no
// bounds checks once bind has seen all units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/little_endian.h"
#include "noggin/result.h"

namespace noggin::runtime {

inline constexpr std::size_t kMaxTrieUnits = std::size_t{1} << 22;

// pieces[id] -> id. Pieces must be non-empty, unique, and free of byte 0. The same pieces give the same units.
Result<std::vector<std::uint32_t>> build_trie(std::span<const std::string> pieces);

// Does not own its bytes. Const and thread-safe.
class Trie {
 public:
  static constexpr std::uint32_t kNothing = 0xFFFFFFFFU;
  struct Match {
    std::uint32_t id = kNothing;
    std::size_t length = 0;  // bytes
  };

  Trie() = default;  // not bound: only bind gives a usable one
  // Checks every unit: bases in range, ends where bit 9 says, and exactly `pieces` leaves with ids below that. So if
  // each piece is found under its own id, the trie holds nothing else.
  static Result<Trie> bind(std::span<const std::byte> units, std::uint32_t pieces);

  std::uint32_t root() const { return load(0) >> kValueShift; }
  // The base of the node that `prefix` leads to; kNothing if no piece continues from there.
  std::uint32_t descend(std::string_view prefix) const;
  // The longest piece that `text` starts with, from the node with this base; id kNothing if there is none.
  Match longest_match(std::uint32_t base, std::string_view text) const;

 private:
  friend Result<std::vector<std::uint32_t>> build_trie(std::span<const std::string> pieces);
  static constexpr std::uint32_t kLabelMask = 0xFF, kLeafBit = 0x100, kEndBit = 0x200, kValueShift = 10;

  std::uint32_t load(std::size_t index) const { return load_little_endian<std::uint32_t>(units_ + 4 * index); }

  const std::byte* units_ = nullptr;
};

inline Trie::Match Trie::longest_match(std::uint32_t base, std::string_view text) const {
  std::uint32_t end_base = 0;
  std::size_t end_length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::uint32_t child = load(std::size_t{base} + byte);
    if ((child & kLabelMask) != byte) break;
    if ((child & kLeafBit) != 0) return {child >> kValueShift, i + 1};
    base = child >> kValueShift;
    if ((child & kEndBit) != 0) {
      end_base = base;
      end_length = i + 1;
    }
  }
  return end_length == 0 ? Match{} : Match{load(end_base) >> kValueShift, end_length};
}

}  // namespace noggin::runtime
