#include "tokenizer/ngram_tokenizer.h"

#include <bit>

#include "tokenizer/ngram_features.h"

namespace noggin::runtime {

std::size_t NgramTokenizer::encode(std::string_view text, std::span<std::uint32_t> ids,
                                   std::span<TextSpan> spans) const {
  std::size_t count = 0;
  for_each_ngram(text, buckets_, [&](std::uint32_t bucket, const TextSpan& place) {
    const std::size_t at = bucket / 32;
    const std::uint32_t bits = word(at), bit = 1U << (bucket % 32);
    if ((bits & bit) == 0) return true;
    if (count == ids.size()) return false;
    std::uint32_t id = known_before_[at / kWordsPerBlock];
    for (std::size_t i = at / kWordsPerBlock * kWordsPerBlock; i < at; ++i)
      id += static_cast<std::uint32_t>(std::popcount(word(i)));
    if (!spans.empty()) spans[count] = place;
    ids[count++] = id + static_cast<std::uint32_t>(std::popcount(bits & (bit - 1)));
    return true;
  });
  return count;
}

}  // namespace noggin::runtime
