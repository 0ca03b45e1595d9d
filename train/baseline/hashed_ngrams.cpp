#include "train/baseline/hashed_ngrams.h"

#include <algorithm>

#include "tokenizer/ngram_features.h"

namespace noggin::train {

std::vector<NgramCount> hashed_ngrams(std::string_view text, std::uint32_t buckets) {
  std::vector<std::uint32_t> found;
  runtime::for_each_ngram(text, buckets, [&](std::uint32_t bucket, const TextSpan&) {
    found.push_back(bucket);
    return true;
  });
  std::sort(found.begin(), found.end());
  std::vector<NgramCount> counts;
  for (const std::uint32_t bucket : found) {
    if (counts.empty() || counts.back().bucket != bucket) counts.push_back({bucket, 0});
    ++counts.back().count;
  }
  return counts;
}

}  // namespace noggin::train
