// Text -> sparse n-gram counts. What an n-gram is, and its hash, is the runtime's code (tokenizer/ngram_features.h).
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
