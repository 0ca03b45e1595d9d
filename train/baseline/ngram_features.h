// Text -> sparse n-gram counts, hashed. Words are runs of letters, digits, apostrophes and non-ASCII characters,
// lower-cased (ASCII only); any other visible character is a word of its own. Counted are: single words, pairs of
// neighbouring words, and runs of 3, 4 and 5 characters (code points) inside each word padded with one space on both
// sides.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace noggin::train {

struct NgramCount {
  std::uint32_t bucket;
  std::uint32_t count;
};

// Each bucket that occurs in `text`, once, in rising order. Two n-grams may share a bucket; nothing undoes that.
std::vector<NgramCount> hashed_ngrams(std::string_view text, std::uint32_t buckets);

}  // namespace noggin::train
