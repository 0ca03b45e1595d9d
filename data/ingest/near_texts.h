// Which texts a split has but for case, white space and punctuation (near_key.h), in bounded memory: of a split with
// more than kMostKeys such texts, those whose keys end in zero bits are kept, each standing for several.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/logs/key_set.h"

namespace noggin::data {

class NearTexts {
 public:
  static constexpr std::size_t kMostKeys = std::size_t{1} << 17;  // about 2 MB

  explicit NearTexts(std::size_t most_keys = kMostKeys) : most_keys_(most_keys) {}
  void add(std::uint64_t key);
  void prefetch(std::uint64_t key) const { keys_.prefetch(key); }  // for add(), some time later
  // For how many texts of other splits this one stands if the split has it, else 0. 1, until texts had to be dropped.
  std::uint64_t count(std::uint64_t key) const;

 private:
  bool is_kept(std::uint64_t key) const { return key != 0 && (key & ((std::uint64_t{1} << dropped_bits_) - 1)) == 0; }

  std::size_t most_keys_;
  unsigned dropped_bits_ = 0;
  KeySet keys_;
};

}  // namespace noggin::data
