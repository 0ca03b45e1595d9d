#include "data/encoding/align.h"

#include <gmock/gmock.h>

#include "data/encoding/row_encoder.h"
#include "data/vocabulary/vocabulary.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;

// O 0, B-PER 1, I-PER 2, B-LOC 3, I-LOC 4.
class AlignTest : public testing::Test {
 protected:
  AlignTest() {
    contents_ = *contents_of(
        {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "ann", "##a", "##s", "'", "s", "met", "new", "york", ".", "x"}, "test",
        {});
    section_ = *runtime::serialize_tokenizer(contents_);
    tokenizer_.emplace(*runtime::WordPieceTokenizer::bind(section_));
  }
  const EncodedRow& encode(const Record& record, std::uint32_t max_tokens = 32, std::uint32_t top_k = 5) {
    encoder_.emplace(*RowSchema::create(TaskKind::kTag, labels_, top_k), *tokenizer_, max_tokens);
    return encoder_->encode(record);
  }
  const AlignmentCounts& counts() const { return encoder_->counts(); }

  static Record gold(std::string text, std::vector<TypedSpan> spans) {
    Record record{.id = "a", .text = std::move(text)};
    record.has_spans = true;
    record.spans = std::move(spans);
    return record;
  }

  LabelSet labels_ = *LabelSet::create({"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}, {}, {}, TaskKind::kTag);
  runtime::TokenizerContents contents_;
  std::vector<std::byte> section_;
  std::optional<runtime::WordPieceTokenizer> tokenizer_;
  std::optional<RowEncoder> encoder_;
};

TEST_F(AlignTest, TheFirstPieceOfAWordCarriesItsLabel) {
  //                                   [CLS] ann ##a ##s met new york . [SEP]
  const EncodedRow& row = encode(gold("Annas met New York.", {{0, 5, 0}, {10, 18, 1}}));
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 1, -1, -1, 0, 3, 4, 0, -1));
  EXPECT_EQ(counts().spans, 2U);
  EXPECT_EQ(counts().misaligned_spans, 0U);
  EXPECT_EQ(counts().words, 5U);
}

TEST_F(AlignTest, APieceBehindADroppedCharacterBelongsToItsWord) {
  const EncodedRow& row =
      encode(gold("Ann\xC2\xAD"
                  "as met",
                  {}));  // a soft hyphen is dropped
  ASSERT_EQ(row.tokens.size(), 6U);
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 0, -1, -1, 0, -1));
  EXPECT_EQ(counts().rows_without_span, 1U);
}

TEST_F(AlignTest, NeighboursOfOneTypeBeginAnew) {
  const EncodedRow& row = encode(gold("ann met met", {{0, 3, 0}, {4, 7, 0}}));
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 1, 1, 0, -1));
}

TEST_F(AlignTest, CountsSpansThatCutWords) {
  encode(gold("Annas met", {{0, 4, 0}}));
  EXPECT_EQ(counts().misaligned_spans, 1U) << "ends inside a word";
  const EncodedRow& row = encode(gold("Annas met", {{2, 9, 0}}));
  EXPECT_EQ(counts().misaligned_spans, 1U) << "begins inside a word";
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 0, -1, -1, 1, -1));
  encode(gold("Ann  met", {{3, 4, 0}}));
  EXPECT_EQ(counts().misaligned_spans, 1U) << "holds no word";
  encode(gold("Ann met", {{0, 4, 0}}));
  EXPECT_EQ(counts().misaligned_spans, 1U) << "ends in a space";
}

TEST_F(AlignTest, CountsSpansBeyondACut) {
  const EncodedRow& row = encode(gold("ann met new york x", {{0, 3, 0}, {8, 16, 1}}), 5);
  EXPECT_TRUE(row.cut);
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 1, 0, 3, -1));
  EXPECT_EQ(counts().cut_spans, 1U);
  EXPECT_EQ(counts().misaligned_spans, 0U);
}

TEST_F(AlignTest, ALaterWordOfALogTokenIsInside) {
  Record record{.id = "a", .text = "ann's met x"};
  record.teacher_tokens = {{{0, 5}, {{1, 2, 0}, {0.5F, 0.25F, 0.125F}}}, {{6, 9}, {}}, {{10, 11}, {{3}, {0.75F}}}};
  const EncodedRow& row = encode(record, 32, 2);  // [CLS] ann ' s met x [SEP]
  EXPECT_THAT(row.targets.teacher_classes, ElementsAre(-1, -1, 1, 2, 2, 0, 2, 0, -1, -1, 3, -1, -1, -1));
  EXPECT_THAT(row.targets.teacher_probabilities,
              ElementsAre(0, 0, 0.5F, 0.25F, 0.75F, 0.125F, 0.75F, 0.125F, 0, 0, 0.75F, 0, 0, 0));
  EXPECT_THAT(row.targets.label, ElementsAre(-1, -1, -1, -1, -1, -1, -1));
  EXPECT_EQ(counts().words_without_teacher, 1U);
}

TEST_F(AlignTest, FinerLogTokensGiveTheirFirst) {
  Record record{.id = "a", .text = "annas met"};
  record.teacher_tokens = {{{0, 3}, {{1}, {0.5F}}}, {{3, 5}, {{0}, {1.0F}}}};
  const EncodedRow& row = encode(record, 32, 1);
  EXPECT_THAT(row.targets.teacher_classes, ElementsAre(-1, 1, -1, -1, -1, -1));
}

TEST_F(AlignTest, ASpaceBeforeAWordDoesNotMakeItLater) {
  Record record{.id = "a", .text = "ann met"};
  record.teacher_tokens = {{{0, 3}, {{1}, {0.5F}}}, {{3, 7}, {{3}, {1.0F}}}};
  EXPECT_THAT(encode(record, 32, 1).targets.teacher_classes, ElementsAre(-1, 1, 3, -1));
}

TEST_F(AlignTest, EditHasNothingToMove) {
  const LabelSet labels = *LabelSet::create({}, {}, {}, TaskKind::kEdit);
  RowEncoder encoder(*RowSchema::create(TaskKind::kEdit, labels, 2), *tokenizer_, 32);
  Record record = gold("ann's met", {{0, 5, 0}});
  record.teacher_tokens = {{{0, 5}, {{1, 0}, {0.75F, 0.25F}}}};
  const EncodedRow& row = encoder.encode(record);
  EXPECT_THAT(row.targets.label, ElementsAre(-1, 1, 1, 1, 0, -1));
  EXPECT_THAT(row.targets.teacher_classes, ElementsAre(-1, -1, 1, 0, 1, 0, 1, 0, -1, -1, -1, -1));
}

}  // namespace
}  // namespace noggin::data
