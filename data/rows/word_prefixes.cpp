#include "data/rows/word_prefixes.h"

#include <algorithm>
#include <utility>

namespace noggin::data {

WordPrefixes::WordPrefixes(std::vector<Word> words) : words_(std::move(words)), same_class_to_(words_.size()) {
  std::ranges::sort(words_, {}, &Word::text);
  for (std::size_t i = words_.size(); i-- > 0;) {
    const bool same = i + 1 < words_.size() && words_[i + 1].class_index == words_[i].class_index;
    same_class_to_[i] = same ? same_class_to_[i + 1] : i + 1;
    longest_bytes_ = std::max(longest_bytes_, words_[i].text.size());
    if (words_[i].text.empty()) continue;
    const unsigned char first = static_cast<unsigned char>(words_[i].text[0]);
    first_bytes_.set(first);
    constexpr unsigned char kCaseBit = 0x20;
    const unsigned char lower = first | kCaseBit;
    if (lower >= 'a' && lower <= 'z') first_bytes_.set(lower).set(lower ^ kCaseBit);
  }
}

std::int32_t WordPrefixes::class_of(std::string_view prefix) const {
  const auto first = std::ranges::partition_point(words_, [&](const Word& word) { return word.text <= prefix; });
  const auto last =
      std::partition_point(first, words_.end(), [&](const Word& word) { return word.text.starts_with(prefix); });
  if (first == last) return kNoClass;
  const std::size_t begin = static_cast<std::size_t>(first - words_.begin());
  return same_class_to_[begin] >= static_cast<std::size_t>(last - words_.begin()) ? first->class_index
                                                                                  : kSeveralClasses;
}

}  // namespace noggin::data
