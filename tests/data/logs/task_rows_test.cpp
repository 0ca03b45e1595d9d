// Rows of every task as logs spell them, through the jsonl adapter.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LabelSet labels_for(TaskKind task, std::vector<std::string> names = {}) {
  Result<LabelSet> labels = LabelSet::create(std::move(names), {}, {}, task);
  EXPECT_TRUE(labels) << labels.error().message;
  return *labels;
}

// O 0, B-PER 1, I-PER 2, B-LOC 3, I-LOC 4.
tests::LogRead read_tags(const std::string& text, bool training = false, const IngestOptions& options = {}) {
  return tests::read_jsonl_text(text, labels_for(TaskKind::kTag, {"O", "B-PER", "I-PER", "B-LOC"}), training, options,
                                TaskKind::kTag);
}

constexpr std::uint32_t kPer = 0, kLoc = 1;

TEST(TagRows, CompletesTheClassesOfATagTask) {
  EXPECT_THAT(labels_for(TaskKind::kTag, {"O", "B-PER", "I-LOC"}).names(),
              ElementsAre("O", "B-PER", "I-LOC", "I-PER", "B-LOC"));
  EXPECT_THAT(labels_for(TaskKind::kEdit).names(), ElementsAre("keep", "delete"));
  EXPECT_THAT(labels_for(TaskKind::kScore).names(), ElementsAre("score"));
  EXPECT_FALSE(LabelSet::create({"B-PER"}, {}, {}, TaskKind::kTag)) << "no O";
  EXPECT_FALSE(LabelSet::create({"O"}, {}, {}, TaskKind::kTag));
  EXPECT_FALSE(LabelSet::create({"delete", "keep"}, {}, {}, TaskKind::kEdit));
  EXPECT_FALSE(LabelSet::create({"a", "b"}, {}, {}, TaskKind::kScore));
  EXPECT_FALSE(LabelSet::create({}, {}, {}, TaskKind::kMultiLabel));
  EXPECT_TRUE(LabelSet::create({"a"}, {}, {}, TaskKind::kMultiLabel));
}

TEST(TagRows, JoinsTokensWhereThereIsNoText) {
  const auto read = read_tags(R"({"tokens": ["Zoë", "saw", "New", "York"], "tags": ["B-PER", "O", "B-LOC", "I-LOC"], )"
                              R"("logprobs": [{"B-PER": -0.1, "O": -3}, null, {"B-LOC": 0}, {"I-LOC": -0.5}]})");
  ASSERT_EQ(read.records.size(), 1U);
  const Record& row = read.records[0];
  EXPECT_EQ(row.text, "Zoë saw New York");
  EXPECT_THAT(row.spans, ElementsAre(TypedSpan{0, 4, kPer}, TypedSpan{9, 17, kLoc}));
  ASSERT_EQ(row.teacher_tokens.size(), 4U);
  EXPECT_EQ(row.teacher_tokens[1].place, (TextSpan{5, 8}));
  EXPECT_TRUE(row.teacher_tokens[1].teacher.empty());
  EXPECT_THAT(row.teacher_tokens[3].teacher.classes, ElementsAre(4));
  EXPECT_TRUE(row.has_gold() && row.has_teacher());
}

TEST(TagRows, OffsetsCountCodePoints) {
  const auto read = read_tags(
      R"({"text": "😀 Zoë à Köln", "tokens": ["😀", "Zoë", "Köln"], "offsets": [[0, 1], [2, 5], [8, 12]], )"
      R"("tags": ["O", "B-PER", "B-LOC"]})"
      "\n"
      R"({"text": "à Köln, Zoë", "spans": [{"start": 8, "end": 11, "type": "PER"}, {"type": "loc", "start": 2, "end": 6}]})"
      "\n"
      R"({"text": "nobody", "spans": []})");
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{5, 9, kPer}, TypedSpan{13, 18, kLoc}));
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{3, 8, kLoc}, TypedSpan{10, 14, kPer})) << "in any order";
  EXPECT_TRUE(read.records[2].has_spans);
  EXPECT_THAT(read.records[2].spans, IsEmpty());
}

TEST(TagRows, NameTheUnitOfTheirOffsets) {
  // "Zoë" behind an emoji: 5 bytes in, 2 code points, 3 UTF-16 units.
  const auto read = read_tags(
      R"({"text": "😀 Zoë", "unit": "byte", "spans": [{"start": 5, "end": 9, "type": "PER"}]})"
      "\n"
      R"({"text": "😀 Zoë", "spans": [{"start": 2, "end": 5, "type": "PER"}], "unit": "code_point"})"
      "\n"
      R"({"spans": [{"start": 3, "end": 6, "type": "PER"}], "unit": "utf16", "text": "😀 Zoë"})"
      "\n"
      R"({"text": "😀 Zoë", "unit": "utf16", "tokens": ["😀", "Zoë"], "offsets": [[0, 2], [3, 6]], "tags": ["O", "B-PER"]})"
      "\n"
      R"({"text": "😀 Zoë", "unit": null, "spans": [{"start": 2, "end": 5, "type": "PER"}]})");
  EXPECT_THAT(read.reasons(), IsEmpty());
  ASSERT_EQ(read.records.size(), 5U);
  for (const Record& row : read.records) EXPECT_THAT(row.spans, ElementsAre(TypedSpan{5, 9, kPer})) << row.line;
}

TEST(TagRows, AnOffsetInsideACharacterIsBad) {
  const auto read = read_tags(R"({"text": "😀 Zoë", "unit": "byte", "spans": [{"start": 1, "end": 9, "type": "PER"}]})"
                              "\n"
                              R"({"text": "😀 Zoë", "unit": "utf16", "spans": [{"start": 1, "end": 6, "type": "PER"}]})"
                              "\n"
                              R"({"text": "😀 Zoë", "unit": "byte", "spans": [{"start": 5, "end": 8, "type": "PER"}]})"
                              "\n"
                              R"({"text": "😀 Zoë", "unit": "utf8", "spans": []})");
  EXPECT_THAT(read.reasons(), ElementsAre("bad_offset", "bad_offset", "bad_offset", "wrong_type"));
  EXPECT_THAT(read.quarantine[3]["message"].get<std::string>(), HasSubstr("must be one of byte, code_point, utf16"));
}

TEST(TagRows, ASourceNamesTheUnitOfRowsThatDoNot) {
  const test::TemporaryFolder folder;
  const Source source{
      .path = folder.write("log.jsonl",
                           R"({"text": "😀 Zoë", "spans": [{"start": 3, "end": 6, "type": "PER"}]})"
                           "\n"
                           R"({"text": "😀 Zoë", "unit": "byte", "spans": [{"start": 5, "end": 9, "type": "PER"}]})"),
      .unit = TextUnit::kUtf16};
  const auto read = tests::read_log(folder, {"split", {source}, false}, labels_for(TaskKind::kTag, {"O", "B-PER"}), {},
                                    nullptr, TaskKind::kTag);
  ASSERT_EQ(read.records.size(), 2U);
  for (const Record& row : read.records) EXPECT_THAT(row.spans, ElementsAre(TypedSpan{5, 9, kPer})) << row.line;
}

TEST(TagRows, FindsTokensInOrderOnly) {
  const auto read =
      read_tags(R"({"text": "(Ann) met  Ann.", "tokens": ["Ann", "met", "Ann", "."], "tags": ["O", "O", "B-PER", "O"]})"
                "\n"
                R"({"text": "this is", "tokens": ["is"], "tags": ["O"]})"
                "\n"
                R"({"text": "ann", "tokens": ["Ann"], "tags": ["O"]})"
                "\n"
                R"({"text": "ab ba", "tokens": ["ba", "ab"], "tags": ["O", "O"]})");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{11, 14, kPer}));
  EXPECT_THAT(read.reasons(), ElementsAre("token_not_found", "token_not_found", "token_not_found"));
}

TEST(TagRows, AnInsideTagThatFollowsNoSpanBeginsOne) {
  const auto read =
      read_tags(R"({"tokens": ["a", "b", "c", "d", "e"], "tags": ["I-PER", "I-PER", "I-LOC", "O", "I-LOC"]})");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 3, kPer}, TypedSpan{4, 5, kLoc}, TypedSpan{8, 9, kLoc}));
  EXPECT_EQ(read.report.normalized_tags, 3U);
}

TEST(TagRows, ABeginTagEndsTheSpanBeforeIt) {
  const auto read = read_tags(R"({"tokens": ["a", "b", "c"], "tags": ["B-PER", "B-PER", "I-PER"]})");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 1, kPer}, TypedSpan{2, 5, kPer}));
  EXPECT_EQ(read.report.normalized_tags, 0U);
}

TEST(TagRows, GivesEachFaultItsReason) {
  const std::vector<std::pair<const char*, const char*>> faults = {
      {"token_count", R"({"tokens": ["a", "b"], "tags": ["O"]})"},
      {"token_count", R"({"tokens": ["a", "b"], "tags": ["O", "O"], "logprobs": [null]})"},
      {"token_count", R"({"text": "a b", "tokens": ["a", "b"], "offsets": [[0, 1]], "tags": ["O", "O"]})"},
      {"unknown_tag", R"({"tokens": ["a"], "tags": ["B-DOG"]})"},
      {"unknown_tag", R"({"text": "a", "spans": [{"start": 0, "end": 1, "type": "DOG"}]})"},
      {"bad_offset", R"({"text": "a", "spans": [{"start": 0, "end": 2, "type": "PER"}]})"},
      {"bad_offset", R"({"text": "a", "spans": [{"start": 1, "end": 1, "type": "PER"}]})"},
      {"bad_offset",
       R"({"text": "abc", "spans": [{"start": 0, "end": 2, "type": "PER"}, {"start": 1, "end": 3, "type": "PER"}]})"},
      {"bad_offset", R"({"text": "abc", "spans": [{"start": 2, "end": 1, "type": "PER"}]})"},
      {"bad_offset", R"({"text": "a b", "tokens": ["b", "a"], "offsets": [[2, 3], [0, 1]], "tags": ["O", "O"]})"},
      {"token_mismatch", R"({"text": "é b", "tokens": ["é", "b"], "offsets": [[0, 1], [1, 2]], "tags": ["O", "O"]})"},
      {"missing_field", R"({"tokens": ["a"], "offsets": [[0, 1]], "tags": ["O"]})"},
      {"missing_field", R"({"text": "a", "tags": ["O"]})"},
      {"missing_field", R"({"text": "a", "spans": [{"start": 0, "type": "PER"}]})"},
      {"missing_field", R"({"tags": ["O"]})"},
      {"several_golds", R"({"text": "a", "tokens": ["a"], "tags": ["O"], "spans": []})"},
      {"wrong_type", R"({"text": "a", "spans": [{"start": 0.5, "end": 1, "type": "PER"}]})"},
      {"wrong_type", R"({"text": "a", "tokens": ["a"], "offsets": [[0]], "tags": ["O"]})"},
      {"wrong_type", R"({"tokens": ["a"], "tags": [null]})"},
      {"sum_above_one", R"({"tokens": ["a"], "probs": [{"O": 0.9, "B-PER": 0.2}]})"},
      {"no_target", R"({"text": "a"})"},
      {"no_target", R"({"tokens": ["a"], "logprobs": [null]})"},
      {"repeated_field", R"({"tokens": ["a"], "tags": ["O"], "tags": ["O"]})"},
      {"empty_text", R"({"tokens": [" "], "tags": ["O"]})"},
  };
  for (const auto& [reason, row] : faults) {
    const auto read = read_tags(row);
    EXPECT_THAT(read.reasons(), ElementsAre(reason)) << row;
    for (const auto& line : read.quarantine) EXPECT_FALSE(line["fix"].get<std::string>().empty());
  }
}

TEST(TagRows, ForgetsGoldOfTrainingRowsWhenTold) {
  IngestOptions options;
  options.use_gold_labels = false;
  const auto read = read_tags(R"({"tokens": ["a"], "tags": ["B-PER"], "probs": [{"O": 1}]})", true, options);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_FALSE(read.records[0].has_gold());
  EXPECT_EQ(read.report.with_teacher, 1U);
}

TEST(MultiLabelRows, AreIndependentPerClass) {
  const LabelSet labels = labels_for(TaskKind::kMultiLabel, {"bug", "crash", "idea"});
  const auto read = tests::read_jsonl_text(
      R"({"text": "a", "labels": ["idea", "BUG"], "probs": {"bug": 0.9, "crash": 0.8, "idea": 0}})"
      "\n"
      R"({"text": "b", "labels": [], "logits": [0, 1.0986122886681098, -1.0986122886681098]})"
      "\n"
      R"({"text": "c", "logprobs": {"idea": -0.6931471805599453}})"
      "\n"
      R"({"text": "d", "labels": ["dog"]})"
      "\n"
      R"({"text": "e", "probs": {"bug": 1.5}})"
      "\n"
      R"({"text": "f", "labels": "bug"})",
      labels, false, {}, TaskKind::kMultiLabel);
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(1, 0, 1));
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(0, 1, 2));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.9F, 0.8F, 0.0F)) << "no sum rule, zeros are kept";
  EXPECT_THAT(read.records[1].gold_values, ElementsAre(0, 0, 0));
  EXPECT_THAT(read.records[1].teacher.classes, ElementsAre(1, 0, 2));
  EXPECT_THAT(read.records[1].teacher.probabilities, ElementsAre(0.75F, 0.5F, 0.25F));
  EXPECT_THAT(read.records[2].gold_values, IsEmpty());
  EXPECT_THAT(read.records[2].teacher.probabilities, ElementsAre(0.5F));
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label", "probability_above_one", "wrong_type"));
}

TEST(MultiLabelRows, AreReadAsOurToolsPrintThem) {
  const LabelSet labels = labels_for(TaskKind::kMultiLabel, {"bug", "crash", "idea"});
  const auto read = tests::read_jsonl_text(
      R"({"text":"a","labels":[{"label":"idea","probability":0.75},{"label":"bug","probability":0.5}]})"
      "\n"
      R"({"text":"b","labels":[{"probability":0.75}]})"
      "\n"
      R"({"text":"c","labels":[{"label":"dog"}]})",
      labels, false, {}, TaskKind::kMultiLabel);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(1, 0, 1));
  EXPECT_THAT(read.reasons(), ElementsAre("missing_field", "unknown_label"));
}

TEST(MultiLabelRows, TheMostProbableWordOfAClassCounts) {
  const LabelSet labels = *LabelSet::create({"bug", "idea"}, {{"bug", {"defect"}}}, {}, TaskKind::kMultiLabel);
  const auto read = tests::read_jsonl_text(R"({"text": "a", "probs": {"defect": 0.5, "bug": 0.75, "dog": 1}})", labels,
                                           false, {}, TaskKind::kMultiLabel);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.75F));
  EXPECT_EQ(read.report.unmapped_words, 1U);
}

tests::LogRead read_scores(const std::string& text) {
  return tests::read_jsonl_text(text, labels_for(TaskKind::kScore), false, {}, TaskKind::kScore);
}

TEST(ScoreRows, AreNumbersBetweenZeroAndOne) {
  const auto read = read_scores(R"({"text": "a", "score": 0.25, "prob": 0.5})"
                                "\n"
                                R"({"text": "b", "score": 4})"
                                "\n"
                                R"({"text": "c", "score": -0.1})"
                                "\n"
                                R"({"text": "d", "prob": 1.01})");
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(0.25F));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.5F));
  EXPECT_THAT(read.reasons(), ElementsAre("score_out_of_range", "score_out_of_range", "score_out_of_range"));
  EXPECT_THAT(read.quarantine[0]["message"].get<std::string>(), HasSubstr("(stars - 1) / 4"));
}

TEST(ScoreRows, GoldMayBeTrueOrFalse) {
  const auto read = read_scores(R"({"text": "a", "score": true})"
                                "\n"
                                R"({"text": "b", "score": false})"
                                "\n"
                                R"({"text": "c", "prob": true})");
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(1.0F));
  EXPECT_THAT(read.records[1].gold_values, ElementsAre(0.0F));
  EXPECT_THAT(read.reasons(), ElementsAre("wrong_type")) << "a teacher is not that sure";
}

tests::LogRead read_edits(const std::string& text, bool training) {
  return tests::read_jsonl_text(text, labels_for(TaskKind::kEdit), training, {}, TaskKind::kEdit);
}

TEST(EditRows, FindWhatWasDeleted) {
  const auto read = read_edits(R"({"text": "Who did no What did he want?", "target": "What did he want?"})"
                               "\n"
                               R"({"text": "its empire, sorry, name?", "target": "Its name?"})"
                               "\n"
                               R"({"text": "a b", "target": "A, b!"})"
                               "\n"
                               R"({"text": "x x, x", "target": "x"})",
                               true);
  ASSERT_EQ(read.records.size(), 4U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 10, 0}));
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{4, 18, 0}));
  EXPECT_TRUE(read.records[2].has_spans);
  EXPECT_THAT(read.records[2].spans, IsEmpty()) << "punctuation that the target adds does not matter";
  EXPECT_THAT(read.records[3].spans, ElementsAre(TypedSpan{0, 4, 0})) << "the latest words are kept";
}

TEST(EditRows, OtherRewritesAreRefusedInTrainingAndMeasuredElsewhere) {
  const std::string rows = R"({"text": "one two", "target": "three"})"
                           "\n"
                           R"({"text": "one two", "target": "two one"})";
  EXPECT_THAT(read_edits(rows, true).reasons(), ElementsAre("not_a_deletion", "not_a_deletion"));
  const std::string good = R"({"text": "one two", "target": "two"})";
  EXPECT_TRUE(check_split({}, read_edits(good + "\n" + rows, true).report, {})) << "no fault of the log";
  const auto read = read_edits(rows, false);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].target, "three");
  EXPECT_FALSE(read.records[0].has_spans);
}

TEST(EditRows, TakeTokensTagsAndATeacher) {
  const auto read = read_edits(
      R"({"tokens": ["a", "a", "b"], "tags": ["delete", "keep", "delete"], "probs": [{"delete": 0.7}, null, [0.2, 0.8]]})",
      true);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 1, 0}, TypedSpan{4, 5, 0}));
  EXPECT_THAT(read.records[0].teacher_tokens[2].teacher.classes, ElementsAre(1, 0));
  EXPECT_EQ(read.report.normalized_tags, 0U);
}

}  // namespace
}  // namespace noggin::data
