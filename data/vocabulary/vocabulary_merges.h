// Learns pieces from counted words: the loop of byte-pair encoding (Sennrich et al. 2016) over characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::data {

struct CountedWord {
  std::string_view word;  // UTF-8, normalized
  std::uint64_t count;
};

struct MergeLimits {
  std::size_t pieces;           // maximum number of pieces to learn, single characters included
  std::uint64_t min_frequency;  // a pair or a character seen less often makes no piece
  std::size_t max_piece_bytes;  // "##" included
};

// Single characters, then merges in learned order. The result depends only on words and limits, not on the order of
// words. Each merge costs as much as the words it changes: a heap holds the pairs, and only counts next to a merge
// change.
std::vector<std::string> learn_pieces(const std::vector<CountedWord>& words, const MergeLimits& limits);

}  // namespace noggin::data
