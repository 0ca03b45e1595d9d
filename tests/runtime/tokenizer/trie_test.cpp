#include "tokenizer/trie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace noggin::runtime {
namespace {

struct Built {
  std::vector<std::byte> bytes;
  Trie trie;

  explicit Built(const std::vector<std::string>& pieces) {
    const std::vector<std::uint32_t> units = *build_trie(pieces);
    for (const std::uint32_t unit : units) append_little_endian(bytes, unit);
    trie = *Trie::bind(bytes, static_cast<std::uint32_t>(pieces.size()));
  }
  Trie::Match match(std::string_view text) const { return trie.longest_match(trie.root(), text); }
};

TEST(Trie, FindsTheLongestPiece) {
  const Built built({"a", "abc", "abcd", "b", "##", "\xFF\xFE"});
  EXPECT_EQ(built.match("abcde").id, 2U);
  EXPECT_EQ(built.match("abcde").length, 4U);
  EXPECT_EQ(built.match("abx").id, 0U);  // "ab" is no piece: falls back to "a"
  EXPECT_EQ(built.match("ab").id, 0U);
  EXPECT_EQ(built.match("\xFF\xFE").id, 5U);
  EXPECT_EQ(built.match("c").id, Trie::kNothing);
  EXPECT_EQ(built.match("").id, Trie::kNothing);
}

TEST(Trie, DescendsOnlyWhereSomethingFollows) {
  const Built built({"##a", "x"});
  const std::uint32_t base = built.trie.descend("##");
  ASSERT_NE(base, Trie::kNothing);
  EXPECT_EQ(built.trie.longest_match(base, "ab").id, 0U);
  EXPECT_EQ(built.trie.descend("x"), Trie::kNothing);
  EXPECT_EQ(built.trie.descend("#x"), Trie::kNothing);
}

TEST(Trie, RefusesPiecesItCannotHold) {
  EXPECT_FALSE(build_trie(std::vector<std::string>{"a", "a"}));
  EXPECT_FALSE(build_trie(std::vector<std::string>{"a", ""}));
  EXPECT_FALSE(build_trie(std::vector<std::string>{std::string("a\0b", 3)}));
}

TEST(Trie, EveryUnitIsCheckedWhenItIsBound) {
  const std::vector<std::string> pieces{"a", "ab", "c"};
  const std::vector<std::uint32_t> good = *build_trie(pieces);
  const auto binds = [](const std::vector<std::uint32_t>& units, std::uint32_t count) {
    std::vector<std::byte> bytes;
    for (const std::uint32_t unit : units) append_little_endian(bytes, unit);
    return static_cast<bool>(Trie::bind(bytes, count));
  };
  constexpr std::uint32_t kLeaf = 0x100, kEnd = 0x200, kValue = 1U << 10;
  EXPECT_TRUE(binds(good, 3));
  EXPECT_FALSE(binds(good, 2));  // id 2 is not in a vocabulary of 2
  EXPECT_FALSE(binds(good, 4));  // one piece is missing
  const auto with = [&](std::size_t index, std::uint32_t unit) {
    std::vector<std::uint32_t> units = good;
    units[index] = unit;
    return binds(units, 3);
  };
  const std::size_t last = good.size() - 1;
  ASSERT_EQ(good[last], 0U);
  EXPECT_FALSE(with(last, kLeaf | 'x' | 0 * kValue));  // a fourth leaf
  EXPECT_FALSE(with(last, 'x' | static_cast<std::uint32_t>(good.size()) * kValue));
  EXPECT_FALSE(with(last, 'x' | static_cast<std::uint32_t>(good.size() - 255) * kValue));
  EXPECT_TRUE(with(last, 'x' | static_cast<std::uint32_t>(good.size() - 256) * kValue));
  ASSERT_EQ(good[1], 0U);
  EXPECT_TRUE(with(last, 'x' | 1 * kValue));
  EXPECT_FALSE(with(last, kEnd | 'x' | 1 * kValue));  // nothing ends there
  EXPECT_FALSE(with(last, 'x'));
  EXPECT_FALSE(with(0, 0));
  EXPECT_FALSE(binds({good.begin(), good.end() - 1}, 3));
}

// Against the definition: the longest of all pieces that the text starts with.
TEST(Trie, EqualsSearchingAllPieces) {
  std::mt19937 random(5);
  const auto random_text = [&](std::size_t longest) {
    std::string text(1 + random() % longest, ' ');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? 1 + random() % 255 : 'a' + random() % 3);
    return text;
  };
  std::vector<std::string> pieces;
  for (int i = 0; i < 3000; ++i) pieces.push_back(random_text(7));
  std::sort(pieces.begin(), pieces.end());
  pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
  std::shuffle(pieces.begin(), pieces.end(), random);
  const Built built(pieces);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = random_text(12);
    Trie::Match expected;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
      if (text.starts_with(pieces[id]) && pieces[id].size() > expected.length) {
        expected = {static_cast<std::uint32_t>(id), pieces[id].size()};
      }
    }
    const Trie::Match found = built.match(text);
    ASSERT_EQ(found.id, expected.id);
    ASSERT_EQ(found.length, expected.length);
  }
}

TEST(Trie, IsDense) {
  std::vector<std::string> pieces;
  for (int i = 0; i < 5000; ++i) pieces.push_back(std::to_string(i * 7919 % 100003));
  std::size_t used = 0;
  const std::vector<std::uint32_t> units = *build_trie(pieces);
  for (const std::uint32_t unit : units) used += unit != 0 ? 1 : 0;
  EXPECT_GT(used * 100, (units.size() - 256) * 90);
}

}  // namespace
}  // namespace noggin::runtime
