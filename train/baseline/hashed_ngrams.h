// Text -> sparse n-gram counts. The runtime's code defines an n-gram and its hash (tokenizer/ngram_features.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace noggin::train {

struct NgramCount {
  std::uint32_t bucket;
  std::uint32_t count;
};

// Each bucket that occurs in `text`, once, in ascending order. Collisions of n-grams are not resolved.
std::vector<NgramCount> hashed_ngrams(std::string_view text, std::uint32_t buckets);

}  // namespace noggin::train
