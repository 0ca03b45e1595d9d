// The rules of normalization, on small tables made here; the real tables are tested in tests/data.
#include "tokenizer/normalizer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/tokenizer_ascii_tables.h"

namespace noggin::runtime {
namespace {

constexpr std::uint32_t kEAcute = 0xE9, kCapitalEAcute = 0xC9, kAcute = 0x301;
constexpr std::uint32_t kNoBreakSpace = 0xA0, kIdeograph = 0x4E2D;
constexpr std::uint32_t kSoftHyphen = 0xAD, kQuote = 0xAB, kGreekQuestionMark = 0x37E, kVowelSign = 0x9CB;

CharacterFacts facts_of(std::uint32_t code_point) {
  static const std::map<std::uint32_t, CharacterFacts> facts{
      {kEAcute, {0, true, {'e'}, 0}},
      {kCapitalEAcute, {0, true, {'E'}, kEAcute}},
      {kAcute, {0, true, {}, 0}},
      {kNoBreakSpace, {kWhitespace, false, {}, 0}},
      {kIdeograph, {kCjk, false, {}, 0}},
      {kSoftHyphen, {kDropped, false, {}, 0}},
      {kQuote, {kPunctuation, false, {}, 0}},
      {kGreekQuestionMark, {kPunctuation, true, {';'}, 0}},
      {kVowelSign, {0, true, {0x9C7, 0x9BE}, 0}},
      {0x10400, {0, false, {}, 0x10428}},
  };
  const auto found = facts.find(code_point);
  return found == facts.end() ? CharacterFacts{} : found->second;
}

std::string words(std::string_view text, NormalizerOptions options = {}) {
  static const std::vector<std::byte> bytes = *encode_unicode_tables(facts_of);
  static const UnicodeTables tables = *UnicodeTables::bind(bytes);
  WordReader reader(tables, options, text);
  std::string joined;
  while (reader.next()) joined.append(joined.empty() ? "" : "|").append(reader.too_long() ? "?" : reader.word());
  return joined;
}

constexpr NormalizerOptions kPlain{false, false, 100};
constexpr NormalizerOptions kLowerOnly{true, false, 100};
constexpr NormalizerOptions kStripOnly{false, true, 100};

TEST(Normalizer, NothingGivesNothing) {
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words(" \t\n\r\u00A0 "), "");
  EXPECT_EQ(words("\u0301\u00AD\xFF"), "");
}

TEST(Normalizer, SplitsOnSpaceAndPunctuation) {
  EXPECT_EQ(words("a b\tc\nd\re\u00A0f"), "a|b|c|d|e|f");
  EXPECT_EQ(words("don't_stop(now)"), "don|'|t|_|stop|(|now|)");
  EXPECT_EQ(words("a\u00ABb\u00AB\u00AB"), "a|\u00AB|b|\u00AB|\u00AB");
  EXPECT_EQ(words("$5+5=10^1~`|<>"), "$|5|+|5|=|10|^|1|~|`|||<|>");
}

TEST(Normalizer, DroppedCharactersJoinTheirNeighbours) {
  EXPECT_EQ(words("a\u00ADb\x01"
                  "c\x0B"
                  "d"),
            "abcd");  // the vertical tab is a control character here, not a space
  EXPECT_EQ(words("a\uFFFDb\xC3"), "ab");
}

TEST(Normalizer, IdeographsStandAlone) {
  EXPECT_EQ(words("a\u4E2D\u4E2Db"), "a|\u4E2D|\u4E2D|b");
  EXPECT_EQ(words("\u4E2D\u0301"
                  "a"),
            "\u4E2D|a");
}

TEST(Normalizer, SwitchesWorkAlone) {
  EXPECT_EQ(words("\u00C9A\u0301"), "ea");
  EXPECT_EQ(words("\u00C9A\u0301", kLowerOnly), "\u00E9a\u0301");
  EXPECT_EQ(words("\u00C9A\u0301", kStripOnly), "EA");
  EXPECT_EQ(words("\u00C9A\u0301", kPlain), "\u00C9A\u0301");
  EXPECT_EQ(words("\U00010400"), "\U00010428");
}

TEST(Normalizer, DecompositionMayGivePunctuationOrSeveralCharacters) {
  EXPECT_EQ(words("a\u037Eb"), "a|;|b");
  EXPECT_EQ(words("a\u037Eb", kLowerOnly), "a|\u037E|b");
  EXPECT_EQ(words("a\u09CBb"), "a\u09C7\u09BEb");
}

TEST(Normalizer, HangulDecomposesByRule) {
  EXPECT_EQ(words("\uAC00\uAC01\uD7A3"), "\u1100\u1161\u1100\u1161\u11A8\u1112\u1175\u11C2");
  EXPECT_EQ(words("\uAC00", kLowerOnly), "\uAC00");
}

TEST(Normalizer, DottedCapitalIBecomesTwoCharacters) {
  EXPECT_EQ(words("\u0130", kLowerOnly), "i\u0307");
  EXPECT_EQ(words("\u0130", kPlain), "\u0130");
}

TEST(Normalizer, LengthCountsNormalizedCharacters) {
  const NormalizerOptions three{true, true, 3};
  EXPECT_EQ(words("abc abcd e\u0301e\u0301e\u0301", three), "abc|?|eee");
  EXPECT_EQ(words("\uAC01 \uAC01\uAC00", three), "\u1100\u1161\u11A8|?");
}

// Runs of letters and digits are read as one; where they meet others and the longest word ends, that must not show.
TEST(Normalizer, RunsOfLettersEndWhereTheyShould) {
  const NormalizerOptions longest{true, true, kMaxWordCharacters};
  const auto run = [](std::size_t count) { return std::string(count, 'B'); };
  const auto lower = [](std::size_t count) { return std::string(count, 'b'); };
  EXPECT_EQ(words(run(256) + " x", longest), lower(256) + "|x");
  EXPECT_EQ(words(run(257) + " x", longest), "?|x");
  EXPECT_EQ(words(run(5000) + "-" + run(3), longest), "?|-|bbb");
  EXPECT_EQ(words(run(200) + "\u00AD" + run(56), longest), lower(256)) << "a dropped character is none";
  EXPECT_EQ(words(run(200) + "\u00AD" + run(57), longest), "?");
  EXPECT_EQ(words(run(200) + "\u00E9" + run(55), longest), lower(200) + "e" + lower(55));
  EXPECT_EQ(words(run(200) + "\u00E9" + run(56), longest), "?");
  EXPECT_EQ(words("Ab1" + run(2), kStripOnly), "Ab1BB");
}

}  // namespace
}  // namespace noggin::runtime
