// Documents that hold several rows, and other names of fields: as a whole log.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;

const LabelSet& two_classes() {
  static const LabelSet labels = tests::labels_of({"up", "down"});
  return labels;
}

TEST(InnerRows, OfAListAreReadEachByItself) {
  const auto read = tests::read_jsonl_text(
      "{\"object\": \"list\", \"data\": [\n  {\"text\": \"a\", \"label\": \"up\"},\n  {\"text\": \"b\", \"label\": "
      "\"sideways\"},\n"
      "  {\"id\": \"own\", \"text\": \"c\", \"label\": \"down\"}\n], \"has_more\": false}\n",
      two_classes(), true);
  EXPECT_THAT(read.ids(), ElementsAre(testing::EndsWith("-1-1"), "own"));
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label")) << "one row is refused, not the document";
  EXPECT_EQ(read.report.sources.at(0).documents(), 3U);
}

TEST(InnerRows, OfAServersTableAreUnwrapped) {
  const auto read = tests::read_jsonl_text(
      R"({"features": [{"name": "text"}], "rows": [{"row_idx": 0, "row": {"text": "a", "label": "up"}, "truncated_cells": []}]})"
      "\n",
      two_classes(), true);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "a");
}

TEST(InnerRows, OfOpenTelemetryAreSpans) {
  const auto span = [](const char* id, const char* asked, const char* answered) {
    const auto attribute = [](const char* key, const std::string& text) {
      return fmt::format(R"({{"key": "{}", "value": {{"stringValue": "{}"}}}})", key, text);
    };
    return fmt::format(
        R"({{"spanId": "{}", "attributes": [{}, {}]}})", id,
        attribute("gen_ai.input.messages", std::string(R"([{\"role\": \"user\", \"content\": \")") + asked + R"(\"}])"),
        attribute("gen_ai.output.messages",
                  std::string(R"([{\"role\": \"assistant\", \"content\": \")") + answered + R"(\"}])"));
  };
  const auto read = tests::read_jsonl_text(
      R"({"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": [)" + span("1", "a", "up") + ", " +
          span("2", "b", "down") + R"(]}, {"spans": [)" + span("3", "c", "up") + "]}]}]}\n",
      two_classes(), true);
  EXPECT_THAT(read.ids(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(read.records.at(1).teacher.classes.at(0), 1);
}

TEST(InnerRows, StandOneLevelDeeperOrHaveFieldsOfTheirOwn) {
  const test::TemporaryFolder folder;
  Source source{Adapter::kJsonl, folder.write("log.json", R"({"results": {"version": 3, "results": [
      {"vars": {"t": "a"}, "out": "up"}, {"vars": {"t": "b"}, "out": "down"}]}})")};
  source.fields = {{"text", "vars.t"}, {"label", "out"}};
  const auto read = tests::read_log(folder, {"split", {source}, true}, two_classes());
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[1].text, "b");
  EXPECT_THAT(read.ids(), ElementsAre("log-1-1", "log-1-2"));
}

TEST(InnerRows, ARowThatHasAListIsARow) {
  const auto read = tests::read_jsonl_text(R"({"text": "a", "label": "up", "items": [{"text": "b", "label": "down"}]})"
                                           "\n",
                                           two_classes(), true);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "a");
}

TEST(UsualNames, AreReadInRowsAndTables) {
  const auto rows = tests::read_jsonl_text(
      "{\"utterance\": \"a\", \"intent\": \"up\"}\n{\"query\": \"b\", \"category\": \"down\"}\n", two_classes(), true);
  ASSERT_EQ(rows.records.size(), 2U);
  EXPECT_EQ(rows.records[1].text, "b");
  EXPECT_EQ(rows.records[1].label, 1);
  const auto table = tests::read_jsonl_text("sentence,category\na,up\n\"b, c\",down\n", two_classes(), true);
  ASSERT_EQ(table.records.size(), 2U);
  EXPECT_EQ(table.records[1].text, "b, c");
  EXPECT_EQ(table.records[1].label, 1);
}

TEST(UsualNames, DoNotTurnATeachersRowIntoAnotherOne) {
  const auto read = tests::read_jsonl_text(R"({"text": "a", "topic": "weather", "probs": {"up": 0.9}})"
                                           "\n"
                                           R"({"text": "b", "topic": "down", "probs": {"up": 0.9}})"
                                           "\n"
                                           R"({"text": "c", "topic": "weather"})"
                                           "\n",
                                           two_classes(), true);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].label, kNoLabel) << "another column";
  EXPECT_EQ(read.records[1].label, 1);
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label"));
}

TEST(ToolCalls, MayEndAConversationWithoutText) {
  const auto row = [](const std::string& calls) {
    return R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, )" + calls +
           "}]}\n";
  };
  const std::string up = R"({"function": {"name": "route", "arguments": "{\"label\": \"up\"}"}})";
  const auto read =
      tests::read_jsonl_text(row("\"tool_calls\": [" + up + "]") +
                                 row(R"("function_call": {"name": "route", "arguments": "{\"label\": \"down\"}"})"),
                             two_classes(), false);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].teacher.classes.at(0), 0);
  EXPECT_EQ(read.records[1].teacher.classes.at(0), 1);
}

TEST(OtherTasks, AnswersInWordsListClassesOrAreRefused) {
  const LabelSet labels = *LabelSet::create({"bug", "idea", "praise"}, {}, {}, spec::TaskKind::kMultiLabel);
  const auto read = tests::read_jsonl_text(
      "{\"prompt\": \"a\", \"completion\": \"bug, praise\"}\n{\"prompt\": \"b\", \"completion\": \"none\"}\n"
      "{\"prompt\": \"c\", \"completion\": \"bugs\"}\n",
      labels, true, {}, spec::TaskKind::kMultiLabel);
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(0, 2));
  EXPECT_THAT(read.records[0].teacher.probabilities, ElementsAre(1.0F, 1.0F));
  EXPECT_THAT(read.records[1].teacher.probabilities, ElementsAre(0.0F)) << "no class is an answer";
  EXPECT_THAT(read.reasons(), ElementsAre("no_class_in_answer"));
  const LabelSet score = *LabelSet::create({}, {}, {}, spec::TaskKind::kScore);
  const auto refused =
      tests::read_jsonl_text("{\"prompt\": \"a\", \"completion\": \"bug\"}\n", score, true, {}, spec::TaskKind::kScore);
  EXPECT_THAT(refused.reasons(), ElementsAre("other_task"));
}

}  // namespace
}  // namespace noggin::data
