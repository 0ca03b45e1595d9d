#include "train/baseline/word_features.h"

#include <algorithm>

#include "tokenizer/ngram_features.h"

namespace noggin::train {

// In the order of word_features.h.
enum WordFeatures::Template : char {
  kWord,
  kPrefix,
  kSuffix,
  kRun,
  kShape,
  kSpelling,
  kTouches,
  kPair,
  kWordNearby,
  kAgain,
  kBefore,
  kPairAgain,
  kPairBefore,
  kBetween,
  kBetweenWord
};

namespace {

constexpr std::size_t kLongestAffix = 4, kRunLength = 3;
constexpr std::size_t kSpellingCharacters = 8;
constexpr int kNeighbours = 2, kNearby = 6;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

char kind_of(char byte) {
  if (static_cast<unsigned char>(byte) >= 0x80) return 'u';
  if (byte >= 'A' && byte <= 'Z') return 'A';
  if (byte >= 'a' && byte <= 'z') return 'a';
  return byte >= '0' && byte <= '9' ? '0' : '.';
}

// The kind of each of the first characters.
std::string spelling_of(std::string_view word) {
  std::string spelling;
  for (const char byte : word) {
    if (!starts_character(byte)) continue;
    if (spelling.size() == kSpellingCharacters) break;
    spelling.push_back(kind_of(byte));
  }
  return spelling;
}

std::string shape_of(std::string_view word) {
  std::string shape;
  for (const char byte : word) {
    const char kind = kind_of(byte);
    if (shape.empty() || shape.back() != kind) shape.push_back(kind);
  }
  return shape;
}

bool is_space(char byte) { return static_cast<unsigned char>(byte) <= ' '; }

}  // namespace

WordFeatures::WordFeatures(std::string_view text, std::span<const TextSpan> words, std::uint32_t buckets,
                           bool repetitions)
    : text_(text), words_(words), buckets_(buckets) {
  for (const char byte : text) lower_.push_back(runtime::NgramWords::lower(byte));
  for (const TextSpan& word : words) shapes_.push_back(shape_of(text.substr(word.begin, word.end - word.begin)));
  if (repetitions) find_repetitions();
}

bool WordFeatures::exists(std::size_t word, int offset) const {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(word) + offset;
  return at >= 0 && at < static_cast<std::ptrdiff_t>(words_.size());
}

// "" where there is no word.
std::string_view WordFeatures::letters(std::size_t word, int offset) const {
  if (!exists(word, offset)) return {};
  const TextSpan& place = words_[word + static_cast<std::size_t>(offset)];
  return std::string_view(lower_).substr(place.begin, place.end - place.begin);
}

void WordFeatures::find_repetitions() {
  for (auto* distances : {&again_, &before_, &pair_again_, &pair_before_}) distances->assign(words_.size(), 0);
  for (std::size_t first = 0; first < words_.size(); ++first) {
    for (std::size_t second = first + 1; second < std::min(words_.size(), first + 1 + kRepetitionWords); ++second) {
      if (letters(first, 0) != letters(second, 0)) continue;
      const auto distance = static_cast<std::uint8_t>(second - first);
      if (again_[first] == 0) again_[first] = distance;
      before_[second] = distance;
      if (second + 1 == words_.size() || letters(first, 1) != letters(second, 1)) continue;
      if (pair_again_[first] == 0) pair_again_[first] = distance;
      pair_before_[second] = distance;
    }
  }
}

void WordFeatures::add(Template kind, int number, std::string_view first, std::string_view second) {
  runtime::NgramHash hash(runtime::NgramHash::kOfAWord);
  hash.add(kind);
  hash.add(static_cast<char>(number));
  for (const char byte : first) hash.add(byte);
  hash.add(' ');
  for (const char byte : second) hash.add(byte);
  found_.push_back(hash.bucket(buckets_));
}

std::span<const std::uint32_t> WordFeatures::of(std::size_t word) {
  found_.clear();
  add_word(word);
  add_neighbours(word);
  if (!again_.empty()) add_repetitions(word);
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  return found_;
}

void WordFeatures::add_word(std::size_t word) {
  const std::string padded = " " + std::string(letters(word, 0)) + " ";
  std::vector<std::size_t> starts;  // of the characters, including the spaces, and the end
  for (std::size_t i = 0; i < padded.size(); ++i) {
    if (starts_character(padded[i])) starts.push_back(i);
  }
  starts.push_back(padded.size());
  const std::size_t characters = starts.size() - 3;  // of the word
  const auto run = [&](std::size_t first, std::size_t count) {
    return std::string_view(padded).substr(starts[first], starts[first + count] - starts[first]);
  };
  for (std::size_t length = 1; length <= std::min(kLongestAffix, characters); ++length) {
    add(kPrefix, 0, run(1, length));
    add(kSuffix, 0, run(1 + characters - length, length));
  }
  for (std::size_t first = 0; first + kRunLength < starts.size(); ++first) add(kRun, 0, run(first, kRunLength));
  const TextSpan& place = words_[word];
  const bool touched_before = place.begin > 0 && !is_space(lower_[place.begin - 1]);
  const bool touched_behind = place.end < lower_.size() && !is_space(lower_[place.end]);
  add(kTouches, (touched_before ? 1 : 0) + (touched_behind ? 2 : 0));
  add(kSpelling, 0, spelling_of(text_.substr(place.begin, place.end - place.begin)));
}

void WordFeatures::add_neighbours(std::size_t word) {
  for (int offset = -kNeighbours; offset <= kNeighbours; ++offset) {
    add(kWord, offset, letters(word, offset));
    add(kShape, offset, exists(word, offset) ? shapes_[word + static_cast<std::size_t>(offset)] : std::string_view{});
  }
  for (int offset = -kNeighbours; offset < kNeighbours; ++offset) {
    add(kPair, offset, letters(word, offset), letters(word, offset + 1));
  }
  for (int offset = kNeighbours + 1; offset <= kNearby; ++offset) {
    if (exists(word, offset)) add(kWordNearby, 1, letters(word, offset));
    if (exists(word, -offset)) add(kWordNearby, -1, letters(word, -offset));
  }
}

void WordFeatures::add_repetitions(std::size_t word) {
  for (const int offset : {-1, 0, 1}) {
    if (!exists(word, offset)) continue;
    const std::size_t at = word + static_cast<std::size_t>(offset);
    const char place = static_cast<char>('1' + offset);
    add(kAgain, again_[at], {&place, 1});
    add(kBefore, before_[at], {&place, 1});
    add(kPairAgain, pair_again_[at], {&place, 1});
    add(kPairBefore, pair_before_[at], {&place, 1});
  }
  // The nearest two occurrences of the same word that enclose this word, or of which it is the first.
  std::size_t nearest = kRepetitionWords + 1, from = 0;
  for (std::size_t first = word - std::min(word, kRepetitionWords); first <= word; ++first) {
    if (again_[first] == 0 || first + again_[first] <= word || again_[first] > nearest) continue;
    nearest = again_[first];
    from = first;
  }
  if (nearest > kRepetitionWords) return;
  add(kBetween, static_cast<int>(word - from));
  add(kBetween, -static_cast<int>(from + nearest - word));
  add(kBetweenWord, 0, letters(from, 0));
}

}  // namespace noggin::train
