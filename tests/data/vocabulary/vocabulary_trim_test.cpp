#include "data/vocabulary/vocabulary_trim.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/data_pretrained_folder.h"
#include "tokenizer/wordpiece.h"

namespace noggin::data {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

runtime::TokenizerContents full() {
  const Result<runtime::TokenizerContents> contents = contents_of(test::bert_pieces(), "test", VocabularyOptions{});
  EXPECT_TRUE(contents);
  return *contents;
}

VocabularyTrimmer counted(const std::vector<std::string>& texts) {
  Result<VocabularyTrimmer> trimmer = VocabularyTrimmer::create(full());
  EXPECT_TRUE(trimmer);
  for (const std::string& text : texts) trimmer->add(text);
  return *trimmer;
}

std::vector<std::string> pieces_of(const runtime::TokenizerContents& tokenizer, const std::string& text) {
  const auto section = runtime::serialize_tokenizer(tokenizer);
  const auto bound = runtime::WordPieceTokenizer::bind(*section);
  std::vector<std::uint32_t> ids(64);
  ids.resize(bound->encode(text, ids));
  std::vector<std::string> pieces;
  for (const std::uint32_t id : ids) pieces.emplace_back(bound->piece(id));
  return pieces;
}

constexpr std::size_t kAlways = 5 + 9 + 7;  // special ones; a letter or a mark; a letter that continues

TEST(VocabularyTrim, KeepsWhatTextsUseInTheOldOrder) {
  const auto trimmed = counted({"my parcel", "where is my parcel", "parcel?"}).trim(1000, 1);
  ASSERT_TRUE(trimmed);
  EXPECT_THAT(trimmed->vocabulary,
              ElementsAre("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", "?", "a", "b", "c", "p", "r", "e", "l",
                          "##a", "##b", "##c", "##e", "##l", "##r", "##s", "my", "parcel", "where", "is"));
  EXPECT_EQ(trimmed->pad_id, 0U);
  EXPECT_EQ(trimmed->unknown_id, 1U);  // [unused0] is gone
  EXPECT_EQ(trimmed->cls_id, 2U);
  EXPECT_EQ(trimmed->sep_id, 3U);
}

TEST(VocabularyTrim, TheMostFrequentStayAndTheOthersAreSpelt) {
  const VocabularyTrimmer trimmer = counted({"my parcel", "where is my parcel", "parcel my parcel"});
  const auto trimmed = trimmer.trim(kAlways + 1, 1);
  ASSERT_TRUE(trimmed);
  EXPECT_EQ(trimmed->vocabulary.back(), "parcel");
  const auto cut = trimmer.trim(kAlways, 1);
  ASSERT_TRUE(cut);
  EXPECT_THAT(pieces_of(*cut, "parcel my"),
              ElementsAre("[CLS]", "p", "##a", "##r", "##c", "##e", "##l", "[UNK]", "[SEP]"));
}

TEST(VocabularyTrim, EqualCountsGoToTheEarlierPiece) {
  const auto trimmed = counted({"where my the"}).trim(kAlways + 2, 1);
  ASSERT_TRUE(trimmed);
  EXPECT_THAT(trimmed->vocabulary, testing::AllOf(Contains("the"), Contains("my"), Not(Contains("where"))));
}

TEST(VocabularyTrim, RareAndUnusedPiecesGo) {
  const VocabularyTrimmer trimmer = counted({"my parcel", "my refund"});
  EXPECT_THAT(trimmer.trim(1000, 2)->vocabulary, testing::AllOf(Contains("my"), Not(Contains("parcel"))));
  EXPECT_THAT(trimmer.trim(1000, 0)->vocabulary, testing::AllOf(Contains("parcel"), Not(Contains("where"))));
}

// Room that texts leave goes to the earliest pieces, in the vocabulary's own order of frequency; never to single
// characters such as a lone accented letter, and never to pieces that nobody took.
TEST(VocabularyTrim, RoomThatIsLeftIsFilledWithTheFirstPieces) {
  const VocabularyTrimmer trimmer = counted({"parcel", "parcel where"});
  const auto two = trimmer.trim(kAlways + 3, 1, true);
  ASSERT_TRUE(two);
  const std::vector<std::string>& kept = two->vocabulary;
  EXPECT_THAT(std::vector(kept.end() - 3, kept.end()), ElementsAre("the", "parcel", "where"));
  const auto frequent =
      trimmer.trim(kAlways + 3, 2, true);  // "where" is too rare for the count, and too late for the fill
  ASSERT_TRUE(frequent);
  EXPECT_THAT(std::vector(frequent->vocabulary.end() - 3, frequent->vocabulary.end()),
              ElementsAre("the", "my", "parcel"));
  const auto all = trimmer.trim(1000, 1, true);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->vocabulary.size(), full().vocabulary.size() - 1);
  EXPECT_THAT(all->vocabulary, Not(Contains("[unused0]")));
}

TEST(VocabularyTrim, CoverageSaysWhatIsLeft) {
  const VocabularyTrimmer trimmer = counted({"my parcel", "where is my parcel", "parcel my 7"});  // the 7 is [UNK]
  const TrimCoverage all = trimmer.coverage(*trimmer.trim(1000, 1));
  EXPECT_EQ(all.full_pieces, 30U);
  EXPECT_EQ(all.kept_pieces, kAlways + 4);
  EXPECT_EQ(all.corpus_tokens, 9U);
  EXPECT_EQ(all.kept_tokens, 9U);
  const TrimCoverage some = trimmer.coverage(*trimmer.trim(kAlways + 2, 1));
  EXPECT_EQ(some.kept_pieces, kAlways + 2);
  EXPECT_EQ(some.corpus_tokens, 9U);
  EXPECT_EQ(some.kept_tokens, 7U);  // without "where" and "is"
}

TEST(VocabularyTrim, NormalizationStaysTheSame) {
  runtime::TokenizerContents cased = full();
  cased.lowercase = false;
  cased.strip_accents = false;
  cased.max_word_characters = 33;
  Result<VocabularyTrimmer> trimmer = VocabularyTrimmer::create(cased);
  ASSERT_TRUE(trimmer);
  trimmer->add("caf\u00E9");
  const auto trimmed = trimmer->trim(1000, 1);
  ASSERT_TRUE(trimmed);
  EXPECT_FALSE(trimmed->lowercase);
  EXPECT_FALSE(trimmed->strip_accents);
  EXPECT_EQ(trimmed->max_word_characters, 33U);
  EXPECT_EQ(trimmed->vocabulary.back(), "caf\u00E9");
}

TEST(VocabularyTrim, TooSmallASizeSaysHowLargeItMustBe) {
  const auto trimmed = counted({"my parcel"}).trim(kAlways - 1, 1);
  ASSERT_FALSE(trimmed);
  EXPECT_EQ(trimmed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(trimmed.error().message, HasSubstr("tokenizer.size is 20, but"));
  EXPECT_THAT(trimmed.error().message, HasSubstr("are 21."));
}

TEST(VocabularyTrim, ContentsThatAreNoTokenizerAreRefused) {
  runtime::TokenizerContents broken = full();
  broken.cls_id = 999;
  EXPECT_FALSE(VocabularyTrimmer::create(broken));
}

}  // namespace
}  // namespace noggin::data
