#include "train/baseline/word_features.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace noggin::train {
namespace {

using testing::Each;
using testing::ElementsAreArray;
using testing::SizeIs;

constexpr std::uint32_t kBuckets = 1U << 24;  // wide enough for no two features of a test to share one
using Buckets = std::vector<std::uint32_t>;

// Words at runs of what is no space.
std::vector<TextSpan> words_at_spaces(const std::string& text) {
  std::vector<TextSpan> words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (i == 0 || text[i - 1] == ' ') words.push_back({i, i});
    words.back().end = i + 1;
  }
  return words;
}

Buckets features(const std::string& text, std::size_t word, bool repetitions = false) {
  const std::vector<TextSpan> words = words_at_spaces(text);
  WordFeatures found(text, words, kBuckets, repetitions);
  const auto buckets = found.of(word);
  return {buckets.begin(), buckets.end()};
}

std::size_t shared(const Buckets& a, const Buckets& b) {
  Buckets both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both.size();
}

TEST(WordFeatures, AreRisingUniqueAndWithinTheBuckets) {
  const Buckets found = features("we call anna anna on monday", 2);
  EXPECT_TRUE(std::ranges::is_sorted(found));
  EXPECT_TRUE(std::ranges::adjacent_find(found) == found.end());
  const std::string text = "we call anna";
  const std::vector<TextSpan> words = words_at_spaces(text);
  WordFeatures narrow(text, words, 16, true);
  for (std::size_t word = 0; word < 3; ++word) EXPECT_THAT(narrow.of(word), Each(testing::Lt(16U)));
}

// By hand, for "ab" alone: 2 prefixes, 2 suffixes, runs " ab" and "ab ", shape, spelling, touches, 5 words (4 absent),
// 4 shapes of neighbours, 4 pairs.
TEST(WordFeatures, CountsThoseOfALoneWord) {
  EXPECT_THAT(features("ab", 0), SizeIs(2 + 2 + 2 + 3 + 5 + 4 + 4));
  EXPECT_THAT(features("ab", 0, true), SizeIs(22 + 4)) << "the four distances of the word itself";
}

TEST(WordFeatures, CaseIsInShapeAndSpellingAlone) {
  const Buckets lower = features("call anna now", 1);
  EXPECT_EQ(shared(lower, features("call Anna now", 1)), lower.size() - 2);
  EXPECT_EQ(shared(lower, features("call ANNA now", 1)), lower.size() - 2);
  EXPECT_EQ(shared(features("call Anna now", 1), features("call AnnA now", 1)), lower.size() - 2)
      << "\"Aa\" is not \"AaA\"";
}

TEST(WordFeatures, AffixesAreWholeCharacters) {
  // 5 characters of 2 bytes each: 4 prefixes, 4 suffixes, 5 runs, 3 more of the word, 5 words, 4 shapes, 4 pairs.
  EXPECT_THAT(features("éèêëà", 0), SizeIs(4 + 4 + 5 + 3 + 5 + 4 + 4));
  EXPECT_GE(shared(features("unhappy", 0), features("unhappily", 0)), 4U + 5U) << "prefixes and runs of both";
}

TEST(WordFeatures, NeighboursCountByPlaceAndFurtherWordsBySide) {
  const Buckets found = features("a b X c d e", 2);
  EXPECT_NE(found, features("b a X c d e", 2)) << "two words on either side are told apart";
  EXPECT_EQ(features("q r a b X c d", 4), features("r q a b X c d", 4)) << "those beyond are not, on the same side";
  EXPECT_NE(features("q a b X c d r", 3), features("r a b X c d q", 3));
  EXPECT_EQ(features("z q r s t a b X c d", 7), features("y q r s t a b X c d", 7))
      << "nor is what lies beyond six words";
}

TEST(WordFeatures, TellsWhatTouchesTheWord) {
  const std::string text = "a@b a b";
  const std::vector<TextSpan> glued = {{0, 1}, {1, 2}, {2, 3}}, apart = {{4, 5}, {1, 2}, {6, 7}};
  WordFeatures first(text, glued, kBuckets, false), second(text, apart, kBuckets, false);
  const auto a = first.of(0), b = second.of(0);
  EXPECT_EQ(shared({a.begin(), a.end()}, {b.begin(), b.end()}), a.size() - 1);
}

TEST(WordFeatures, RepetitionsAreNoticedWithinReachOnly) {
  const Buckets plain = features("on monday on friday", 0);
  EXPECT_EQ(plain.size() - shared(plain, features("on monday in friday", 0)), 2U)
      << "the further word, in its place and in a pair";
  const Buckets twice = features("on monday on friday", 0, true), once = features("on monday in friday", 0, true);
  // Beside these two: how far on "on" comes again, and three of standing between: from, to, and the word.
  EXPECT_EQ(twice.size() - shared(twice, once), 2U + 1U + 3U);
  std::string far = "on";
  for (std::size_t i = 1; i < WordFeatures::kRepetitionWords; ++i) far += " w" + std::to_string(i);
  EXPECT_NE(features(far + " on", 0, true), features(far + " in", 0, true));
  EXPECT_EQ(features(far + " w on", 0, true), features(far + " w in", 0, true));
}

TEST(WordFeatures, APairThatComesAgainIsMoreThanAWord) {
  const Buckets pair = features("to the a b c d e f to the", 0, true),
                word = features("to the a b c d e f to a", 0, true);
  EXPECT_GE(pair.size() - shared(pair, word), 2U) << "the pair, and that the next word comes again";
}

TEST(WordFeatures, AnyBytesAreText) {
  const std::string text = "\xFF\x80 \xC3 \x80\x80\x80";
  for (std::size_t word = 0; word < 3; ++word) EXPECT_FALSE(features(text, word, true).empty());
}

}  // namespace
}  // namespace noggin::train
