// A text's hashed n-grams: what a linear model counts. The same code in training and on the device.
//
// Words are runs of letters, digits, apostrophes and non-ASCII bytes, lower-cased (ASCII only); any other visible
// character is a word of its own. The n-grams are single words, pairs of adjacent words, and runs of 3, 4 and 5
// characters (code points) inside each word with one space before and one after it. Any bytes are valid text: a byte
// that continues a code point belongs to the character before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "noggin/text_span.h"

namespace noggin::runtime {

inline constexpr std::uint32_t kMinBuckets = 16;
inline constexpr std::uint32_t kMaxBuckets = 1U << 24;

// FNV-1a, then the SplitMix64 finalizer: FNV alone leaves the low bits of short strings correlated.
class NgramHash {
 public:
  // The same characters as a word, as a word pair and as a run of characters are different n-grams.
  // kOfAWord: what the trainer's linear taggers hash of a word; not stored in any file.
  enum Kind : std::uint64_t { kWord = 1, kWordPair = 2, kCharacters = 3, kOfAWord = 4 };
  explicit NgramHash(Kind kind) : state_(0xCBF29CE484222325ULL ^ kind) {}

  void add(char byte) { state_ = (state_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL; }
  std::uint32_t bucket(std::uint32_t buckets) const {
    std::uint64_t hash = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::uint32_t>((hash ^ (hash >> 31)) % buckets);
  }

 private:
  std::uint64_t state_;
};

// Words of a text, one at a time, as bytes of the text, unchanged.
class NgramWords {
 public:
  explicit NgramWords(std::string_view text) : text_(text) {}
  bool next(TextSpan& word) {
    while (at_ < text_.size() && !is_visible(text_[at_])) ++at_;
    if (at_ == text_.size()) return false;
    word.begin = at_;
    do ++at_;
    while (joins(text_[at_ - 1]) && at_ < text_.size() && joins(text_[at_]));
    word.end = at_;
    return true;
  }
  static char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

 private:
  static bool is_visible(char byte) { return static_cast<unsigned char>(byte) > ' ' && byte != 0x7F; }
  static bool joins(char byte) {
    const char c = lower(byte);
    return static_cast<unsigned char>(byte) >= 0x80 || c == '\'' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

// Calls emit(bucket, position in the text) for every n-gram: word by word, each followed by the pair with the word
// before it and its runs of characters. Stops when emit returns false. Allocates nothing; time is linear in the text.
template <typename Emit>
void for_each_ngram(std::string_view text, std::uint32_t buckets, const Emit& emit) {
  constexpr std::size_t kShortestRun = 3, kLongestRun = 5;
  NgramWords words(text);
  TextSpan before{}, word{};
  const auto add_word = [text](NgramHash& hash, const TextSpan& place) {
    for (std::size_t i = place.begin; i < place.end; ++i) hash.add(NgramWords::lower(text[i]));
  };
  for (bool first = true; words.next(word); first = false, before = word) {
    NgramHash single(NgramHash::kWord);
    add_word(single, word);
    if (!emit(single.bucket(buckets), word)) return;
    if (!first) {
      NgramHash pair(NgramHash::kWordPair);
      add_word(pair, before);
      pair.add(' ');
      add_word(pair, word);
      if (!emit(pair.bucket(buckets), TextSpan{before.begin, word.end})) return;
    }
    const std::size_t padded = word.end - word.begin + 2;
    const auto byte = [&](std::size_t i) {
      return i == 0 || i + 1 == padded ? ' ' : NgramWords::lower(text[word.begin + i - 1]);
    };
    const auto starts_character = [&](std::size_t i) { return (static_cast<unsigned char>(byte(i)) & 0xC0U) != 0x80U; };
    for (std::size_t start = 0; start < padded; ++start) {
      if (!starts_character(start)) continue;
      NgramHash run(NgramHash::kCharacters);
      std::size_t characters = 0;
      for (std::size_t end = start; end < padded && characters < kLongestRun;) {
        run.add(byte(end++));
        if (end < padded && !starts_character(end)) continue;
        if (++characters < kShortestRun) continue;
        const TextSpan place = {word.begin + (start == 0 ? 0 : start - 1),
                                end == padded ? word.end : word.begin + end - 1};
        if (!emit(run.bucket(buckets), place)) return;
      }
    }
  }
}

}  // namespace noggin::runtime
