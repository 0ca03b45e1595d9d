// What a text becomes: pieces, special tokens, truncation.
#include "tokenizer/wordpiece.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/tokenizer_tiny.h"

namespace noggin::runtime {
namespace {

using tests::tiny_tokenizer;

// A tokenizer with its own bytes.
struct Bound {
  std::vector<std::byte> section;
  Result<WordPieceTokenizer> tokenizer;

  explicit Bound(const runtime::TokenizerContents& contents)
      : section(*serialize_tokenizer(contents)), tokenizer(WordPieceTokenizer::bind(section)) {}

  std::string encode(std::string_view text, std::size_t limit = 64) const {
    std::vector<std::uint32_t> ids(limit);
    ids.resize(tokenizer->encode(text, ids));
    std::string pieces;
    for (const std::uint32_t id : ids) pieces.append(pieces.empty() ? "" : " ").append(tokenizer->piece(id));
    return pieces;
  }
};

const Bound& tiny() {
  static const Bound bound(tiny_tokenizer(100));
  return bound;
}

TEST(WordPiece, EmptyTextIsTwoSpecialTokens) {
  EXPECT_EQ(tiny().encode(""), "[CLS] [SEP]");
  EXPECT_EQ(tiny().encode(" \t\r\n "), "[CLS] [SEP]");
}

TEST(WordPiece, LongestPieceFirst) {
  EXPECT_EQ(tiny().encode("where is my parcel"), "[CLS] where is my parcel [SEP]");
  EXPECT_EQ(tiny().encode("parcels"), "[CLS] parcel ##s [SEP]");
  EXPECT_EQ(tiny().encode("parceling"), "[CLS] parcel ##ing [SEP]");
  EXPECT_EQ(tiny().encode("parce"), "[CLS] p ##a ##r ##c ##e [SEP]");
}

TEST(WordPiece, LowercasesAndSplitsPunctuation) {
  EXPECT_EQ(tiny().encode("Where's MY?!"), "[CLS] where ' s my ? ! [SEP]");
}

TEST(WordPiece, CaseIsKeptWhenAskedFor) {
  runtime::TokenizerContents contents = tiny_tokenizer(100);
  contents.lowercase = false;
  contents.strip_accents = false;
  EXPECT_EQ(Bound(contents).encode("My my"), "[CLS] [UNK] my [SEP]");
}

TEST(WordPiece, WordWithAnUnknownPartIsUnknownAsAWhole) {
  EXPECT_EQ(tiny().encode("my par\xC3\xA9"), "[CLS] my [UNK] [SEP]");
  EXPECT_EQ(tiny().encode("my + is"), "[CLS] my [UNK] is [SEP]");
}

TEST(WordPiece, SpecialTokensInTextAreOrdinaryText) {
  EXPECT_EQ(tiny().encode("[SEP]"), "[CLS] [UNK] s ##e ##p [UNK] [SEP]");
}

TEST(WordPiece, ControlCharactersDoNotSplitWords) {
  EXPECT_EQ(tiny().encode(std::string_view("m\0\x01\x7Fy", 5)), "[CLS] my [SEP]");
}

TEST(WordPiece, InvalidUtf8Vanishes) {
  EXPECT_EQ(tiny().encode("m\xFF\xC3y \xE2\x82"), "[CLS] my [SEP]");
  EXPECT_EQ(tiny().encode("\xF0\x9F\x98"), "[CLS] [SEP]");
}

TEST(WordPiece, TruncationKeepsSepLast) {
  EXPECT_EQ(tiny().encode("where is my parcel", 6), "[CLS] where is my parcel [SEP]");
  EXPECT_EQ(tiny().encode("where is my parcel", 5), "[CLS] where is my [SEP]");
  EXPECT_EQ(tiny().encode("parce", 4), "[CLS] p ##a [SEP]");
  EXPECT_EQ(tiny().encode("parce", 3), "[CLS] p [SEP]");
}

TEST(WordPiece, TruncationDoesNotHideAnUnknownWord) { EXPECT_EQ(tiny().encode("abc\xC3\xA9", 4), "[CLS] [UNK] [SEP]"); }

TEST(WordPiece, WordsPastTheLimitAreUnknown) {
  EXPECT_EQ(tiny().encode(std::string(100, 'a'), 256).substr(0, 12), "[CLS] a ##a ");
  EXPECT_EQ(tiny().encode(std::string(101, 'a'), 256), "[CLS] [UNK] [SEP]");
  std::string text(100000, 'a');
  text.append(" my");
  EXPECT_EQ(tiny().encode(text, 256), "[CLS] [UNK] my [SEP]");
}

TEST(WordPiece, TheLongestWordAllowedFitsTheBuffer) {
  runtime::TokenizerContents contents = tiny_tokenizer(100);
  contents.max_word_characters = kMaxWordCharacters;
  contents.vocabulary.back() = "\xF0\x9F\x98\x80";
  contents.vocabulary[contents.vocabulary.size() - 2] = "##\xF0\x9F\x98\x80";
  const Bound bound(contents);
  std::string word;
  for (std::uint32_t i = 0; i < kMaxWordCharacters; ++i) word += "\xF0\x9F\x98\x80";
  std::vector<std::uint32_t> ids(1000);
  EXPECT_EQ(bound.tokenizer->encode(word, ids), kMaxWordCharacters + 2);
  EXPECT_EQ(bound.tokenizer->encode(word + "\xF0\x9F\x98\x80", ids), 3U);
}

TEST(WordPiece, EveryPieceReadsBack) {
  const runtime::TokenizerContents contents = tiny_tokenizer(1000);
  const Bound bound(contents);
  ASSERT_TRUE(bound.tokenizer);
  ASSERT_EQ(bound.tokenizer->vocabulary_size(), 1000U);
  for (std::uint32_t id = 0; id < 1000; ++id) EXPECT_EQ(bound.tokenizer->piece(id), contents.vocabulary[id]);
  EXPECT_EQ(bound.tokenizer->pad_id(), contents.pad_id);
}

// "piece=text" of each piece that has a place.
std::string places(const WordPieceTokenizer& tokenizer, std::string_view text, std::size_t limit = 64) {
  std::vector<std::uint32_t> ids(limit), without(limit);
  std::vector<TextSpan> spans(limit, {7, 7});
  ids.resize(tokenizer.encode(text, ids, spans));
  without.resize(tokenizer.encode(text, without));
  EXPECT_EQ(ids, without);
  EXPECT_EQ(spans[0], TextSpan());
  EXPECT_EQ(spans[ids.size() - 1], TextSpan());
  std::string shown;
  for (std::size_t i = 1; i + 1 < ids.size(); ++i) {
    shown.append(shown.empty() ? "" : " ").append(tokenizer.piece(ids[i])).append("=");
    shown.append(text.substr(spans[i].begin, spans[i].end - spans[i].begin));
  }
  return shown;
}

TEST(WordPieceSpans, PointIntoTheOriginalText) {
  const WordPieceTokenizer& tokenizer = *tiny().tokenizer;
  EXPECT_EQ(places(tokenizer, "  Where's MY parcels?"), "where=Where '=' s=s my=MY parcel=parcel ##s=s ?=?");
  EXPECT_EQ(places(tokenizer, ""), "");
  // Dropped characters belong to the piece around them, not to its neighbours.
  EXPECT_EQ(places(tokenizer, std::string_view("m\0y \x01is\x01", 8)), std::string("my=m\0y is=is", 12));
  // An unknown word has one place: all of it.
  EXPECT_EQ(places(tokenizer, "my par\xC3\xA9 is"), "my=my [UNK]=par\xC3\xA9 is=is");
  EXPECT_EQ(places(tokenizer, "is " + std::string(150, 'a') + " my"),
            "is=is [UNK]=" + std::string(150, 'a') + " my=my");
  EXPECT_EQ(places(tokenizer, "is " + std::string(700, 'a') + " my"),
            "is=is [UNK]=" + std::string(700, 'a') + " my=my");
  EXPECT_EQ(places(tokenizer, "where is parcels", 4), "where=where is=is");
}

TEST(WordPieceSpans, SpanWholeCharactersThatNormalizationChanged) {
  runtime::TokenizerContents contents = tiny_tokenizer(100);
  contents.unicode_tables = *encode_unicode_tables([](std::uint32_t code_point) {
    if (code_point == 0xC9) return CharacterFacts{0, true, {'E'}, 0xE9};  // E with acute
    if (code_point == 0x301) return CharacterFacts{0, true, {}, 0};       // acute, alone
    if (code_point == 0x4E2D) return CharacterFacts{kCjk, false, {}, 0};
    return CharacterFacts{};
  });
  const Bound bound(contents);
  EXPECT_EQ(places(*bound.tokenizer, "wh\xC3\x89re my"), "where=wh\xC3\x89re my=my");
  EXPECT_EQ(places(*bound.tokenizer, "parc\xC3\x89ls"), "parcel=parc\xC3\x89l ##s=s");
  EXPECT_EQ(places(*bound.tokenizer, "pare\xCC\x81"), "p=p ##a=a ##r=r ##e=e");
  EXPECT_EQ(places(*bound.tokenizer, "my\xE4\xB8\xADis"), "my=my [UNK]=\xE4\xB8\xAD is=is");
}

}  // namespace
}  // namespace noggin::runtime
