// The learner against the plainest way to say what it does.
#include "data/vocabulary/vocabulary_merges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace noggin::data {
namespace {

using Strings = std::vector<std::string>;

// Recounts everything before each merge. ASCII words only.
Strings learn_slowly(const std::vector<CountedWord>& words, const MergeLimits& limits) {
  std::map<std::string, std::uint64_t> first, inner;
  std::vector<std::pair<Strings, std::uint64_t>> split;
  for (const CountedWord& word : words) {
    Strings pieces;
    for (const char c : word.word) {
      (pieces.empty() ? first : inner)[std::string(1, c)] += word.count;
      pieces.push_back(pieces.empty() ? std::string(1, c) : std::string("##").append(1, c));
    }
    if (word.count >= limits.min_frequency) split.emplace_back(pieces, word.count);
  }
  Strings learned;
  for (const auto& [c, count] : first) {
    if (count >= limits.min_frequency) learned.push_back(c);
  }
  for (const auto& [c, count] : inner) {
    if (count >= limits.min_frequency) learned.push_back("##" + c);
  }
  std::set<std::string> known(learned.begin(), learned.end());
  while (learned.size() < limits.pieces) {
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
    for (const auto& [pieces, count] : split) {
      for (std::size_t i = 0; i + 1 < pieces.size(); ++i) counts[{pieces[i], pieces[i + 1]}] += count;
    }
    std::pair<std::string, std::string> best;
    std::uint64_t best_count = 0;
    for (const auto& [pair, count] : counts) {
      if (count > best_count && pair.first.size() + pair.second.size() - 2 <= limits.max_piece_bytes) {
        best = pair;
        best_count = count;
      }
    }
    if (best_count < limits.min_frequency || best_count == 0) break;
    const std::string merged = best.first + best.second.substr(2);
    if (known.insert(merged).second) learned.push_back(merged);
    for (auto& [pieces, count] : split) {
      for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        if (pieces[i] != best.first || pieces[i + 1] != best.second) continue;
        pieces[i] = merged;
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return learned;
}

TEST(LearnPieces, MergesTheMostFrequentPair) {
  // The example of Sennrich et al. 2016, with "##" for what continues a word.
  const Strings learned = learn_pieces({{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}}, {19, 2, 255});
  const Strings merges(learned.begin() + 11, learned.end());
  EXPECT_EQ(merges, (Strings{"##es", "##est", "##ow", "low", "##ew", "##ewest", "newest", "##dest"}));
}

TEST(LearnPieces, EqualsRecountingEverything) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::map<std::string, std::uint64_t> counted;
    const unsigned letters = 1 + static_cast<unsigned>(random() % 4);  // few letters: many repeats such as "aaaa"
    for (int i = 0; i < 60; ++i) {
      std::string word(1 + random() % 9, ' ');
      for (char& c : word) c = static_cast<char>('a' + random() % letters);
      counted[word] += 1 + random() % 5;
    }
    std::vector<CountedWord> words;
    for (const auto& [word, count] : counted) words.push_back({word, count});
    const MergeLimits limits{10 + random() % 150, 1 + random() % 3, round % 3 == 0 ? 5U : 255U};
    ASSERT_EQ(learn_pieces(words, limits), learn_slowly(words, limits)) << "round " << round;
  }
}

TEST(LearnPieces, RareWordsMakeNoPieces) {
  const Strings learned = learn_pieces({{"secret", 1}, {"sesame", 9}}, {100, 2, 255});
  EXPECT_EQ(std::count(learned.begin(), learned.end(), "sesame"), 1);
  EXPECT_EQ(std::count(learned.begin(), learned.end(), "secret"), 0);
  EXPECT_EQ(std::count(learned.begin(), learned.end(), "##t"), 0);
}

TEST(LearnPieces, KeepsTheMostFrequentCharactersWhenNotAllFit) {
  // "b" 9, "a" and "c" 5 each: the tie goes to the smaller.
  EXPECT_EQ(learn_pieces({{"a", 5}, {"b", 9}, {"c", 2}, {"ca", 3}}, {2, 1, 255}), (Strings{"a", "b"}));
}

}  // namespace
}  // namespace noggin::data
