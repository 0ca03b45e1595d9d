// What normalization must know about each character beyond ASCII, frozen into every model file, so that a model behaves
// the same on every machine and after every Unicode release. ASCII and Hangul syllables follow from rules in
// normalizer.cpp and are not listed.
//
// Serialized form, little-endian, a trie of three levels whose equal blocks are stored once:
//   uint32 version = 1 | uint32 middles | uint32 leaves | uint32 records | uint32 shifts | uint32 sequence length
//   uint16 top      [1088]          1,024 code points each -> a middle block
//   uint16 middle   [middles][64]   16 code points each    -> a leaf block
//   uint16 leaf     [leaves][16]    one code point each    -> a record; record 0 says "nothing special"
//   uint32 facts    [records]
//     bits 0..3 class bits below | bit 4 strips | bits 5..7 count n | bits 8..31 value
//     strips: accent stripping replaces the character by n others. n = 1: value is the code point; n > 1: value is
//     where they start in the sequence; n = 0: it is removed (a nonspacing mark)
//   uint32 shift    [shifts]        what to add (modulo 2^32) to a letter to get its lowercase
//   uint32 sequence [sequence length]
//   uint8  lower    [records]       -> a shift; shift 0 is 0
// The real tables (Unicode 15, 31 kB) are built by data/unicode_tables.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bytes/utf8.h"
#include "noggin/result.h"

namespace noggin::runtime {

enum CharacterClass : std::uint32_t {
  kWhitespace = 1,   // separates words: White_Space
  kDropped = 2,      // removed before anything else: Cc, Cf, Co, U+FFFD
  kPunctuation = 4,  // a word of its own: P*
  kCjk = 8,          // a word of its own: CJK ideographs
};

// The facts about one character, before serialization.
struct CharacterFacts {
  std::uint32_t classes = 0;            // CharacterClass bits
  bool strips = false;                  // accent stripping changes it
  std::vector<std::uint32_t> stripped;  // if strips: its NFD without Mn; at most 7 scalars, none of them U+0000
  std::uint32_t lowercase = 0;          // a scalar, or 0: its own lowercase
  // All characters up to this one have these facts, too, and lowercase is 0. 0: nothing is said about others.
  std::uint32_t last = 0;
};

// Serializes facts_of(0x80) .. facts_of(0x10FFFF) (surrogates are skipped, and what CharacterFacts::last covers). Fails
// (kInvalidArgument) on facts that the form cannot hold.
Result<std::vector<std::byte>> encode_unicode_tables(
    const std::function<CharacterFacts(std::uint32_t code_point)>& facts_of);

// Bound to serialized bytes, which it checks and does not own. Const and thread-safe.
class UnicodeTables {
 public:
  // What stripping turns one character into.
  static constexpr std::size_t kMaxStripped = 7;
  struct Stripped {
    std::array<std::uint32_t, kMaxStripped> characters;
    std::size_t count;
  };
  // One character's record; cheap to copy.
  class Entry {
   public:
    std::uint32_t classes() const { return facts_ & 15U; }
    bool strips() const { return (facts_ & 16U) != 0; }

   private:
    friend class UnicodeTables;
    std::uint32_t facts_ = 0, shift_ = 0;
  };

  UnicodeTables() = default;  // not bound: only bind gives a usable one
  // Checks every index in the bytes, so that lookups need no checks. Uses all bytes or fails with kCorrupt.
  static Result<UnicodeTables> bind(std::span<const std::byte> bytes);

  // Any code point up to U+10FFFF.
  Entry find(std::uint32_t code_point) const;
  // entry.strips() must hold.
  Stripped stripped(Entry entry) const;
  // The lowercase of code_point, whose entry is given; code_point itself if a hostile table leads to no character.
  static std::uint32_t lowercase(Entry entry, std::uint32_t code_point) {
    const std::uint32_t lowered = code_point + entry.shift_;
    return lowered != 0 && is_scalar(lowered) ? lowered : code_point;
  }

 private:
  const std::byte* top_ = nullptr;
  const std::byte* middle_ = nullptr;
  const std::byte* leaf_ = nullptr;
  const std::byte* facts_ = nullptr;
  const std::byte* shifts_ = nullptr;
  const std::byte* sequence_ = nullptr;
  const std::byte* lower_ = nullptr;
};

}  // namespace noggin::runtime
