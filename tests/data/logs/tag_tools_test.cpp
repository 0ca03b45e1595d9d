// Rows that annotation tools export.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kPersonType = 0, kPlaceType = 1;

tests::LogRead read_export(const std::string& log, TaskKind task = TaskKind::kTag) {
  std::vector<std::string> names = {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"};
  if (task != TaskKind::kTag) names = {"praise", "complaint", "question"};
  Result<LabelSet> labels = LabelSet::create(std::move(names), {}, {}, task);
  return tests::read_jsonl_text(log, *labels, false, {}, task);
}

void expect_zoe_in_bern(const std::string& row, std::size_t begin = 0) {
  const auto read = read_export(row);
  ASSERT_EQ(read.records.size(), 1U) << row << testing::PrintToString(read.quarantine);
  const auto at = static_cast<std::uint32_t>(begin);
  EXPECT_THAT(read.records[0].spans,
              ElementsAre(TypedSpan{at, at + 4, kPersonType}, TypedSpan{at + 8, at + 12, kPlaceType}))
      << row;
}

const std::string kResult =
    R"([{"id": "r1", "from_name": "ner", "to_name": "text", "type": "labels", )"
    R"("value": {"start": 0, "end": 3, "text": "Zoë", "labels": ["PER"]}}, )"
    R"({"id": "r2", "type": "labels", "value": {"start": 7, "end": 11, "text": "Bern", "labels": ["LOC"]}}, )"
    R"({"type": "choices", "from_name": "tone", "value": {"choices": ["praise"]}}, )"
    R"({"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"}])";

std::string label_studio(const std::string& annotations, const std::string& data = R"({"text": "Zoë in Bern"})") {
  return R"({"id": 7, "data": )" + data + R"(, "annotations": [)" + annotations + R"(], "predictions": []})";
}

std::string annotation(const std::string& result, const std::string& more = R"("was_cancelled": false)") {
  return "{" + more + R"(, "result": )" + result + "}";
}

TEST(TagTools, LabelStudio) {
  expect_zoe_in_bern(label_studio(annotation(kResult)));
  expect_zoe_in_bern(label_studio(annotation(kResult), R"({"my_text": "Zoë in Bern", "row": 4})"));
  const auto read = read_export(label_studio(annotation("[]")) + "\n" +
                                label_studio(annotation("[]", R"("was_cancelled": true)")) + "\n" + label_studio(""));
  EXPECT_EQ(read.report.sources[0].families.at("label_studio"), 1U);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_TRUE(read.records[0].has_spans);
  EXPECT_THAT(read.records[0].spans, IsEmpty());
  EXPECT_THAT(read.reasons(), ElementsAre("not_annotated", "not_annotated"));
}

TEST(TagTools, LabelStudioAnnotationsThatCount) {
  const std::string other = annotation("[]");
  const auto differ = read_export(label_studio(annotation(kResult) + ", " + other));
  EXPECT_THAT(differ.reasons(), ElementsAre("several_golds"));
  expect_zoe_in_bern(label_studio(annotation(kResult) + ", " + annotation(kResult)));
  expect_zoe_in_bern(label_studio(annotation("[]", R"("was_cancelled": true)") + ", " + annotation(kResult)));
  expect_zoe_in_bern(label_studio(other + ", " + annotation(kResult, R"("ground_truth": true)")));
}

TEST(TagTools, LabelStudioClasses) {
  const auto read = read_export(label_studio(annotation(kResult)), TaskKind::kSingleLabel);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].id, "7");
  EXPECT_EQ(read.records[0].label, 0);
  const auto several =
      read_export(label_studio(annotation(R"([{"type": "choices", "value": {"choices": ["question", "praise"]}}])")),
                  TaskKind::kMultiLabel);
  ASSERT_EQ(several.records.size(), 1U);
  EXPECT_THAT(several.records[0].gold_values, ElementsAre(1, 0, 1));
}

TEST(TagTools, LabelStudioMinimal) {
  const std::string who = R"("annotator": 1, "annotation_id": 3, "created_at": "2024", "lead_time": 4.5)";
  expect_zoe_in_bern(R"({"id": 3, "text": "Zoë in Bern", "entities": [{"start": 0, "end": 3, "text": "Zoë", )"
                     R"("labels": ["PER"]}, {"start": 7, "end": 11, "text": "Bern", "labels": ["LOC"]}], )" +
                     who + "}");
  const auto none = read_export(R"({"id": 3, "text": "nobody", )" + who + "}");
  ASSERT_EQ(none.records.size(), 1U);
  EXPECT_TRUE(none.records[0].has_spans);
  EXPECT_THAT(none.records[0].spans, IsEmpty());
  const auto one =
      read_export(R"({"id": 3, "text": "fine", "sentiment": "praise", )" + who + "}", TaskKind::kSingleLabel);
  ASSERT_EQ(one.records.size(), 1U);
  EXPECT_EQ(one.records[0].label, 0);
}

TEST(TagTools, Prodigy) {
  const std::string spans =
      R"("tokens": [{"text": "Zoë", "start": 0, "end": 3, "id": 0}], "spans": [{"start": 0, "end": 3, "label": "PER", )"
      R"("token_start": 0, "token_end": 0}, {"start": 7, "end": 11, "label": "LOC"}])";
  const std::string text = R"({"text": "Zoë in Bern", "_input_hash": 1, "_task_hash": -2, )";
  expect_zoe_in_bern(text + spans + R"(, "answer": "accept"})");
  expect_zoe_in_bern(R"({"text": "Zoë in Bern", )" + spans + R"(, "answer": "accept"})");
  const auto read =
      read_export(text + spans + R"(, "answer": "reject"})" + "\n" + text + spans + R"(, "answer": "ignore"})" + "\n" +
                  text + spans + "}\n" + text + R"("answer": "accept"})");
  EXPECT_THAT(read.reasons(), ElementsAre("not_annotated", "not_annotated", "not_annotated"));
  EXPECT_THAT(read.quarantine[0]["message"].get<std::string>(), HasSubstr("reject"));
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_TRUE(read.records[0].has_spans) << "nothing was marked";
}

TEST(TagTools, ProdigyClasses) {
  const std::string text = R"({"text": "well done", "_task_hash": 5, )";
  const std::string choice = R"("options": [{"id": "praise", "text": "Praise"}], "accept": ["praise"], )";
  const auto read = read_export(text + choice + R"("answer": "accept"})" + "\n" + text +
                                    R"("label": "complaint", "answer": "accept"})" + "\n" + text +
                                    R"("label": "question", "answer": "reject"})",
                                TaskKind::kSingleLabel);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].label, 0);
  EXPECT_EQ(read.records[1].label, 1);
  EXPECT_THAT(read.reasons(), ElementsAre("not_annotated"));
  const auto several = read_export(
      text + choice + R"("answer": "accept"})" + "\n" + text + R"("label": "complaint", "answer": "accept"})",
      TaskKind::kMultiLabel);
  ASSERT_EQ(several.records.size(), 1U);
  EXPECT_THAT(several.records[0].gold_values, ElementsAre(1, 0, 0));
  EXPECT_THAT(several.reasons(), ElementsAre("no_target")) << "one accepted class says nothing of the others";
}

TEST(TagTools, ARefusedAnnotationIsNoFaultOfTheLog) {
  std::string log;
  for (int i = 0; i < 9; ++i)
    log += R"({"text": "a", "_task_hash": 5, "label": "praise", "answer": "reject"})"
           "\n";
  log += R"({"text": "a", "_task_hash": 5, "label": "praise", "answer": "accept"})"
         "\n";
  const auto read = read_export(log, TaskKind::kSingleLabel);
  EXPECT_TRUE(check_split({"split", {}, false}, read.report, {}));
}

TEST(TagTools, Doccano) {
  expect_zoe_in_bern(R"({"id": 4, "text": "Zoë in Bern", "label": [[0, 3, "PER"], [7, 11, "LOC"]], "Comments": []})");
  expect_zoe_in_bern(R"({"id": 4, "data": "Zoë in Bern", "labels": [[0, 3, "PER"], [7, 11, "LOC"]]})");
  expect_zoe_in_bern(
      R"({"id": 4, "text": "Zoë in Bern", "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}, )"
      R"({"id": 2, "label": "LOC", "start_offset": 7, "end_offset": 11}], "relations": []})");
  const auto read = read_export(R"({"id": 4, "data": "why", "label": ["question"]})", TaskKind::kSingleLabel);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].label, 2);
}

TEST(TagTools, Spacy) {
  expect_zoe_in_bern(R"(["Zoë in Bern", {"entities": [[0, 3, "PER"], [7, 11, "LOC"]]}])");
  const auto none = read_export(R"(["nobody", {"entities": []}])");
  ASSERT_EQ(none.records.size(), 1U);
  EXPECT_TRUE(none.records[0].has_spans);
  const std::string cats = R"(["why", {"cats": {"praise": 0, "complaint": 0.0, "question": 1.0}}])";
  const auto one = read_export(cats, TaskKind::kSingleLabel);
  ASSERT_EQ(one.records.size(), 1U);
  EXPECT_EQ(one.records[0].label, 2);
  const auto several = read_export(cats, TaskKind::kMultiLabel);
  ASSERT_EQ(several.records.size(), 1U);
  EXPECT_THAT(several.records[0].gold_values, ElementsAre(0, 0, 1));
  const auto two = read_export(R"(["why", {"cats": {"praise": true, "question": true}}])", TaskKind::kSingleLabel);
  EXPECT_THAT(two.reasons(), ElementsAre("wrong_type"));
}

}  // namespace
}  // namespace noggin::data
