#include "train/baseline/ngram_features.h"

#include <algorithm>
#include <string>

namespace noggin::train {
namespace {

constexpr std::size_t kShortestCharacterRun = 3, kLongestCharacterRun = 5;

// The same characters as a word, as a word pair and as a run of characters are different features.
enum class NgramKind : std::uint64_t { kWord = 1, kWordPair = 2, kCharacters = 3 };

bool joins_words(unsigned char byte) {
  return byte >= 0x80 || byte == '\'' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

char to_lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (joins_words(value)) {
      if (!inside) words.emplace_back();
      words.back().push_back(to_lower(byte));
      inside = true;
      continue;
    }
    inside = false;
    if (value > ' ' && value != 0x7F) words.emplace_back(1, byte);
  }
  return words;
}

// FNV-1a, then the SplitMix64 finaliser: FNV alone leaves the low bits of short strings correlated.
std::uint32_t bucket_of(NgramKind kind, std::string_view bytes, std::uint32_t buckets) {
  std::uint64_t hash = 0xCBF29CE484222325ULL ^ static_cast<std::uint64_t>(kind);
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBULL;
  return static_cast<std::uint32_t>((hash ^ (hash >> 31)) % buckets);
}

// Byte offsets at which a code point starts, and the end.
std::vector<std::size_t> character_offsets(std::string_view word) {
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xC0U) != 0x80U) offsets.push_back(i);
  }
  offsets.push_back(word.size());
  return offsets;
}

void add_character_runs(const std::string& word, std::uint32_t buckets, std::vector<std::uint32_t>& found) {
  const std::string padded = " " + word + " ";
  const std::vector<std::size_t> offsets = character_offsets(padded);
  for (std::size_t length = kShortestCharacterRun; length <= kLongestCharacterRun; ++length) {
    for (std::size_t first = 0; first + length < offsets.size(); ++first) {
      const std::string_view run(padded.data() + offsets[first], offsets[first + length] - offsets[first]);
      found.push_back(bucket_of(NgramKind::kCharacters, run, buckets));
    }
  }
}

}  // namespace

std::vector<NgramCount> hashed_ngrams(std::string_view text, std::uint32_t buckets) {
  const std::vector<std::string> words = split_words(text);
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    found.push_back(bucket_of(NgramKind::kWord, words[i], buckets));
    if (i > 0) found.push_back(bucket_of(NgramKind::kWordPair, words[i - 1] + " " + words[i], buckets));
    add_character_runs(words[i], buckets, found);
  }
  std::sort(found.begin(), found.end());
  std::vector<NgramCount> counts;
  for (const std::uint32_t bucket : found) {
    if (counts.empty() || counts.back().bucket != bucket) counts.push_back({bucket, 0});
    ++counts.back().count;
  }
  return counts;
}

}  // namespace noggin::train
