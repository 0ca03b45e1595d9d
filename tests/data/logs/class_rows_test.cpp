// How rows of our own kind may write classes, distributions and ids.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LabelSet routes() { return tests::labels_of({"billing", "delivery", "other"}, {{"billing", {"A"}}}); }

// The label of each row; one text a row.
std::vector<std::int32_t> labels_in(const std::string& values, const LabelSet& labels, tests::LogRead& read) {
  std::string log;
  std::size_t row = 0;
  for (const nlohmann::json& value : nlohmann::json::parse(values)) {
    const nlohmann::json line = {{"text", "text " + std::to_string(row++)}, {"label", value}, {"probs", {1, 0, 0}}};
    log.append(line.dump()).append("\n");
  }
  read = tests::read_jsonl_text(log, labels);
  std::vector<std::int32_t> found;
  for (const Record& record : read.records) found.push_back(record.label);
  return found;
}

TEST(ClassRows, ReadANumberAsAPlaceWhereNoClassIsCalledByOne) {
  tests::LogRead read;
  EXPECT_THAT(labels_in(R"([2, "0", 1.0, "LABEL_2", "A", "delivery"])", routes(), read), ElementsAre(2, 0, 1, 2, 0, 1));
  EXPECT_EQ(read.report.sources[0].read_as.at("class_by_number"), 4U);
  EXPECT_THAT(read.reasons(), IsEmpty());
  labels_in(R"([3, "7", "LABEL_3", "2nd"])", routes(), read);
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label", "unknown_label", "unknown_label", "unknown_label"));
}

TEST(ClassRows, ANumberIsANameWhereClassesAreCalledByNumbers) {
  tests::LogRead read;
  EXPECT_THAT(labels_in(R"([1, "2", 3])", tests::labels_of({"1", "2", "3"}), read), ElementsAre(0, 1, 2));
  EXPECT_TRUE(read.report.sources[0].read_as.empty());
  labels_in("[0]", tests::labels_of({"1", "2", "3"}), read);
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label"));
  labels_in("[0]", tests::labels_of({"bad", "fair", "good"}, {{"bad", {"1"}}, {"good", {"3"}}}), read);
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label")) << "label_words call them by numbers from 1";
}

TEST(ClassRows, KnowWhatIsNoLabel) {
  tests::LogRead read;
  EXPECT_THAT(labels_in(R"(["", " ", null, [], -1, "-1"])", routes(), read), testing::Each(kNoLabel));
  EXPECT_EQ(read.records.size(), 6U);
  EXPECT_EQ(read.report.with_label, 0U);
}

TEST(ClassRows, ReadListsOfOneAndTruthValues) {
  tests::LogRead read;
  EXPECT_THAT(labels_in(R"([["other"], [1], {"label": "A"}])", routes(), read), ElementsAre(2, 1, 0));
  EXPECT_THAT(labels_in("[true, false]", tests::labels_of({"no", "yes", "maybe"}), read), ElementsAre(1, 0));
  EXPECT_THAT(labels_in("[true, false]", tests::labels_of({"true", "false", "both"}), read), ElementsAre(0, 1));
  labels_in("[true]", routes(), read);
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label"));
}

TEST(ClassRows, TakeALabelWithAConfidenceForTheTeachersAnswer) {
  const auto read = tests::read_jsonl_text(
      R"({"text": "a", "label": "delivery", "confidence": 0.8})"
      "\n"
      R"({"text": "b", "score": "0.7", "label": 0})"
      "\n"
      R"({"text": "c", "label": "other", "confidence": null})"
      "\n"
      R"({"text": "d", "label": "other", "confidence": 0.9, "probs": {"billing": 0.6, "other": 0.3}})"
      "\n"
      R"({"text": "e", "label": "other", "score": 1730})",
      routes());
  ASSERT_EQ(read.records.size(), 5U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.8F));
  EXPECT_THAT(read.records[1].teacher.probabilities, ElementsAre(0.7F));
  EXPECT_THAT(read.records[2].teacher.probabilities, ElementsAre(1.0F));
  EXPECT_THAT(read.records[3].teacher.probabilities, ElementsAre(0.6F, 0.3F));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(read.records[i].label, kNoLabel) << i;
  EXPECT_EQ(read.records[4].label, 2) << "a score that is no share says nothing about the label";
  EXPECT_EQ(read.report.answers.from_confidence, 2U);
  EXPECT_EQ(read.report.answers.from_text, 1U);
}

TEST(ClassRows, ReadDistributionsUnderOtherNamesAndInOtherShapes) {
  const std::vector<std::string> rows = {
      R"("probabilities": {"billing": 0.7, "other": 0.2})",
      R"("scores": [{"label": "other", "score": 0.2}, {"label": "billing", "score": 0.7}])",
      R"("predictions": [[{"label": "LABEL_0", "score": 0.7}, {"label": "LABEL_2", "score": 0.2}]])",
      R"("prediction": [["billing", 0.7], ["other", "0.2"]])",
      R"("probs": [0.7, 0, 0.2])",
      R"("probs": "{\"billing\": 0.7, \"other\": 0.2}")",
      R"("probs": {"0": 0.7, "2": 0.2})",
      R"("labels": ["other", "billing"], "scores": [0.2, 0.7])",
      R"("probs": {"billing": 0.4, "A": 0.3, "other": 0.2}, "scores": {"delivery": 1})"};
  for (const std::string& row : rows) {
    const auto read = tests::read_jsonl_text("{\"text\": \"t\", " + row + "}", routes());
    ASSERT_EQ(read.records.size(), 1U) << row << " " << testing::PrintToString(read.quarantine);
    EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(0, 2)) << row;
    EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.7F, 0.2F)) << row;
    EXPECT_EQ(read.records[0].label, kNoLabel) << row;
  }
}

TEST(ClassRows, ReadTheZeroShotPipeline) {
  const std::string row = R"({"sequence": "where is it", "labels": ["delivery", "other"], "scores": [0.75, 0.25]})";
  const auto one = tests::read_jsonl_text(row, routes());
  ASSERT_EQ(one.records.size(), 1U);
  EXPECT_EQ(one.records[0].text, "where is it");
  EXPECT_THAT(one.records[0].teacher.classes, ElementsAre(1, 2));
  Result<LabelSet> topics = LabelSet::create({"delivery", "other"}, {}, {}, spec::TaskKind::kMultiLabel);
  const auto several = tests::read_jsonl_text(row, *topics, false, {}, spec::TaskKind::kMultiLabel);
  ASSERT_EQ(several.records.size(), 1U);
  EXPECT_THAT(several.records[0].gold_values, IsEmpty()) << "candidates are no gold";
  EXPECT_THAT(several.records[0].teacher.probabilities, ElementsAre(0.75F, 0.25F));
  const auto uneven = tests::read_jsonl_text(R"({"text": "t", "labels": ["other"], "scores": [0.5, 0.5]})", routes());
  EXPECT_THAT(uneven.reasons(), ElementsAre("wrong_length"));
}

TEST(ClassRows, ReadNamesGivenByTheSourceOnly) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write(
      "log.jsonl", R"({"text": "t", "label": "other", "scores": {"billing": 1}, "mine": {"delivery": 0.5}})");
  Source source{.path = path};
  source.fields = {{"probs", "mine"}};
  const auto read = tests::read_log(folder, {"split", {source}, false}, routes());
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1));
}

TEST(ClassRows, ReadIdsAsTheyAreWritten) {
  const auto read = tests::read_jsonl_text(R"({"id": null, "text": "a", "label": "other"})"
                                           "\n"
                                           R"({"id": 17.0, "text": "b", "label": "other"})"
                                           "\n"
                                           R"({"id": 12345678901234567890, "text": "c", "label": "other"})"
                                           "\n"
                                           R"({"id": 123456789012345678901234567890, "text": "d", "label": "other"})",
                                           routes());
  EXPECT_THAT(read.ids(), ElementsAre("log-1", "17", "12345678901234567890", "123456789012345678901234567890"));
}

TEST(ClassRows, ARepeatedIdIsAFaultOnlyWithAnotherText) {
  const auto read = tests::read_jsonl_text(R"({"id": "x", "text": "same", "label": "other"})"
                                           "\n"
                                           R"({"id": "x", "text": "same", "label": "other"})"
                                           "\n"
                                           R"({"id": "x", "text": "different", "label": "other"})",
                                           routes(), true);
  EXPECT_THAT(read.reasons(), ElementsAre("duplicate_id"));
  EXPECT_EQ(read.report.duplicates, 1U);
}

TEST(ClassRows, MultiLabelRowsNameClassesByNumberToo) {
  Result<LabelSet> topics = LabelSet::create({"bug", "crash", "idea"}, {}, {}, spec::TaskKind::kMultiLabel);
  const auto read = tests::read_jsonl_text(R"({"text": "a", "labels": [2, "bug"]})"
                                           "\n"
                                           R"({"text": "b", "label": ["crash"]})"
                                           "\n"
                                           R"({"text": "c", "labels": "[\"idea\", \"crash\"]"})"
                                           "\n"
                                           R"({"text": "d", "labels": [null]})",
                                           *topics, false, {}, spec::TaskKind::kMultiLabel);
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(1, 0, 1));
  EXPECT_THAT(read.records[1].gold_values, ElementsAre(0, 1, 0));
  EXPECT_THAT(read.records[2].gold_values, ElementsAre(0, 1, 1));
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label"));
}

TEST(ClassRows, ReadDistributionsWhateverTheirFieldsAreCalled) {
  for (const char* probs : {
           R"([{"Name": "delivery", "Score": 0.75}, {"Name": "billing", "Score": 0.25}])",
           R"([{"category": "delivery", "confidenceScore": 0.75}, {"category": "billing", "confidenceScore": 0.25}])",
           R"([{"displayName": "delivery", "rank": "1", "label": "delivery", "p": 0.75, "n": 3}, ["billing", 0.25]])",
           R"({"delivery": {"confidence": 0.75}, "billing": {"confidence": 0.25}})",
           R"({"ids": ["7", "8"], "n": [3, 4], "displayNames": ["delivery", "billing"], "confidences": [0.75, 0.25]})",
           R"({"displayNames": ["delivery", "billing"], "confidences": [0.75, 0.25]})",
       }) {
    const auto read = tests::read_jsonl_text(fmt::format(R"({{"text": "a", "probs": {}}})", probs) + "\n", routes());
    ASSERT_EQ(read.records.size(), 1U) << probs;
    EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1, 0)) << probs;
    EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.75F, 0.25F)) << probs;
  }
}

TEST(ClassRows, ReadADistributionFromSeveralFields) {
  const test::TemporaryFolder folder;
  const std::string csv = "n,review,prob_billing,prob_delivery,prob_total\n1,a text,0.25,0.75,1\n2,no number,x,0.5,1\n";
  Source source{Adapter::kJsonl, folder.write("log.csv", csv)};
  source.fields = {{"text", "review"}, {"probs", "prob_*"}};
  const auto read = tests::read_log(folder, {"split", {source}, true}, routes());
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1, 0));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(0.75F, 0.25F));
  EXPECT_THAT(read.reasons(), ElementsAre("wrong_type"));
  source.fields = {{"text", "review"}, {"probs", "share_*"}};
  EXPECT_THAT(tests::read_log(folder, {"split", {source}, true}, routes()).reasons(),
              ElementsAre("missing_field", "missing_field"));
  source.fields = {{"text", "review*"}};
  const auto refused = read_split({"split", {source}, true}, routes(), {}, {}, RowTaker{});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("\"review*\" means several fields"));
}

}  // namespace
}  // namespace noggin::data
