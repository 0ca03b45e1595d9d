#include "data/metrics/edit_metrics.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace noggin::data {
namespace {

TEST(EditMetrics, SameWordsFoldsCasePunctuationAndSpace) {
  const WordFolder folder;
  EXPECT_TRUE(same_words(folder, "What's  THAT?", "what 's that"));
  EXPECT_TRUE(same_words(folder, "", "?!"));
  EXPECT_TRUE(same_words(folder, "É", "é"));
  EXPECT_FALSE(same_words(folder, "é", "e")) << "accents count";
  EXPECT_FALSE(same_words(folder, "a b", "b a"));
  EXPECT_FALSE(same_words(folder, "a", "a a"));
}

TEST(EditMetrics, FoldedWordsKnowTheirPlace) {
  const std::vector<FoldedWord> words = WordFolder().words("Zoë, ok" + std::string(300, 'x'));
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].letters, "zoë");
  EXPECT_EQ(words[0].place, (TextSpan{0, 4}));
  EXPECT_TRUE(words[1].punctuation);
  EXPECT_FALSE(words[0].punctuation || words[2].punctuation);
  EXPECT_EQ(words[2].letters.size(), 302U);
}

TEST(EditMetrics, WordErrorsByHand) {
  EXPECT_EQ(word_errors("a b c", "a b c"), (WordErrors{0, 3}));
  EXPECT_EQ(word_errors("a x c d", "a b c"), (WordErrors{2, 3}));
  EXPECT_EQ(word_errors("", "a b"), (WordErrors{2, 2}));
  EXPECT_EQ(word_errors(" a\t b\n", ""), (WordErrors{2, 0}));
  EXPECT_EQ(word_errors("A", "a"), (WordErrors{1, 1}));
  WordErrors sum = word_errors("a", "b c");
  sum += word_errors("d", "d");
  EXPECT_DOUBLE_EQ(sum.rate(), 2.0 / 3);
  EXPECT_EQ(WordErrors{}.rate(), 0.0);
}

// The definition, without a table.
std::uint64_t distance(const std::string& a, const std::string& b, std::size_t i, std::size_t j) {
  if (i == a.size() || j == b.size()) return a.size() - i + b.size() - j;
  if (a[i] == b[j]) return distance(a, b, i + 1, j + 1);
  return 1 + std::min({distance(a, b, i + 1, j + 1), distance(a, b, i + 1, j), distance(a, b, i, j + 1)});
}

TEST(EditMetrics, WordErrorsAgreeWithBruteForce) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const auto draw = [&random] {
      std::string letters(random() % 7, ' ');
      for (char& letter : letters) letter = static_cast<char>('a' + random() % 3);
      return letters;
    };
    const auto spaced = [](const std::string& letters) {
      std::string text;
      for (const char letter : letters) text += std::string(1, letter) + " ";
      return text;
    };
    const std::string a = draw(), b = draw();
    EXPECT_EQ(word_errors(spaced(a), spaced(b)), (WordErrors{distance(a, b, 0, 0), b.size()})) << a << " " << b;
  }
}

}  // namespace
}  // namespace noggin::data
