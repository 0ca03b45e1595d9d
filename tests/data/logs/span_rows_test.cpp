// Gold spans in every form that rows and tag tools give them.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint32_t kWho = 0, kWhere = 1;

tests::LogRead read_spans(const std::string& text, TextUnit unit = TextUnit::kCodePoint) {
  Result<LabelSet> labels = LabelSet::create({"O", "B-PER", "I-PER", "B-LOC", "I-LOC"}, {}, {}, spec::TaskKind::kTag);
  const test::TemporaryFolder folder;
  const Source source{.path = folder.write("log.jsonl", text), .unit = unit};
  return tests::read_log(folder, {"split", {source}, false}, *labels, {}, nullptr, spec::TaskKind::kTag);
}

std::string message_of(const tests::LogRead& read) {
  return read.quarantine.size() == 1 ? read.quarantine[0]["message"].get<std::string>() : "not one rejected row";
}

TEST(SpanRows, TakeTheUnitInWhichEverySpanHasItsText) {
  // Two emoji before "Zoë": code point 3, UTF-16 unit 5, byte 9.
  const std::string head = R"({"text": "😀😀 Zoë à Köln", "spans": [)";
  const auto read = read_spans(head + R"({"start": 5, "end": 8, "type": "PER", "text": "Zoë"}, )" +
                               R"({"start": 11, "end": 15, "type": "LOC", "text": "Köln"}]})" + "\n" + head +
                               R"({"start": 9, "end": 13, "type": "PER", "text": "Zoë"}]})" + "\n" + head +
                               R"({"start": 3, "end": 6, "type": "PER", "text": "Zoë"}]})");
  EXPECT_THAT(read.reasons(), IsEmpty());
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{9, 13, kWho}, TypedSpan{17, 22, kWhere}));
  EXPECT_EQ(read.records[0].unit, TextUnit::kUtf16);
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{9, 13, kWho}));
  EXPECT_EQ(read.records[1].unit, TextUnit::kByte);
  EXPECT_THAT(read.records[2].spans, ElementsAre(TypedSpan{9, 13, kWho}));
  const auto& read_as = read.report.sources[0].read_as;
  EXPECT_EQ(read_as.at("unit_utf16"), 1U);
  EXPECT_EQ(read_as.at("unit_byte"), 1U);
  EXPECT_EQ(read_as.size(), 2U);
}

TEST(SpanRows, CorrectAUnitThatTheSourceNames) {
  const auto read = read_spans(R"({"text": "😀 Zoë", "spans": [{"start": 2, "end": 5, "type": "PER", "text": "Zoë"}]})",
                               TextUnit::kUtf16);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{5, 9, kWho}));
}

TEST(SpanRows, KnowPlacesAndTypesByManyNames) {
  for (
      const char* span : {
          R"({"Type": "LOC", "BeginOffset": 3, "EndOffset": 7, "Text": "Bern"})",
          R"({"text": "Bern", "category": "LOC", "offset": 3, "length": 4})",
          R"({"from": 3, "to": 7, "entity-type": "LOC"})",
          R"({"quote": "Bern", "infoType": {"name": "LOC"}, "location": {"codepointRange": {"start": "3", "end": "7"}}})",
      }) {
    const auto read = read_spans(std::string(R"({"text": "in Bern", "spans": [)") + span + "]}");
    ASSERT_EQ(read.records.size(), 1U) << span << message_of(read);
    EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{3, 7, kWhere})) << span;
  }
  EXPECT_THAT(read_spans(R"({"text": "in Bern", "spans": [{"offset": 3, "type": "LOC"}]})").reasons(),
              ElementsAre("missing_field"));
}

TEST(SpanRows, RefuseATextThatLiesNowhere) {
  const auto wrong =
      read_spans(R"({"text": "in Bern", "spans": [{"start": 0, "end": 4, "type": "LOC", "text": "Bern"}]})");
  EXPECT_THAT(wrong.reasons(), ElementsAre("span_mismatch"));
  EXPECT_THAT(message_of(wrong), testing::AllOf(HasSubstr("Bern"), HasSubstr("in B"), HasSubstr("[0, 4]")));
  // One span fits UTF-16 only, the other code points only.
  const auto mixed = read_spans(R"({"text": "😀 Zoë in Bern", "spans": [)"
                                R"({"start": 3, "end": 6, "type": "PER", "text": "Zoë"}, )"
                                R"({"start": 9, "end": 13, "type": "LOC", "text": "Bern"}]})");
  EXPECT_THAT(mixed.reasons(), ElementsAre("span_mismatch"));
  const auto beyond =
      read_spans(R"({"text": "a Bern", "spans": [{"start": 2, "end": 9, "type": "LOC", "text": "Bern"}]})");
  EXPECT_THAT(beyond.reasons(), ElementsAre("bad_offset"));
}

TEST(SpanRows, FindSpansByTheirText) {
  const auto read = read_spans(
      R"({"text": "Bo met Bob in Bern", "spans": [{"text": "Bern", "type": "LOC"}, {"text": "Bo", "type": "PER"}]})"
      "\n"
      R"({"text": "Bern and Bern", "spans": [{"text": "Bern", "label": "PER"}, {"text": "Bern", "label": "LOC"}]})"
      "\n"
      R"({"text": "New York Times of New York", "entities": [{"entity": "New York Times", "type": "PER"}, )"
      R"({"entity": "New York", "type": "LOC"}]})"
      "\n"
      R"({"text": "東京都に住む", "spans": {"LOC": ["東京都"], "PER": []}})");
  EXPECT_THAT(read.reasons(), IsEmpty());
  ASSERT_EQ(read.records.size(), 4U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 2, kWho}, TypedSpan{14, 18, kWhere}));
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{0, 4, kWho}, TypedSpan{9, 13, kWhere}));
  EXPECT_THAT(read.records[2].spans, ElementsAre(TypedSpan{0, 14, kWho}, TypedSpan{18, 26, kWhere}));
  EXPECT_THAT(read.records[3].spans, ElementsAre(TypedSpan{0, 9, kWhere}));
  EXPECT_EQ(read.report.sources[0].read_as.at("span_by_text"), 4U);
}

TEST(SpanRows, RefuseATextThatStandsElsewhereOrMoreOften) {
  const auto read = read_spans(R"({"text": "Bern and Bern", "spans": [{"text": "Bern", "type": "LOC"}]})"
                               "\n"
                               R"({"text": "in Basel", "spans": [{"text": "Bern", "type": "LOC"}]})"
                               "\n"
                               R"({"text": "the New York Times", "spans": [{"text": "New York Times", "type": "PER"}, )"
                               R"({"text": "New York", "type": "LOC"}]})"
                               "\n"
                               R"({"text": "in Bern", "spans": [{"text": "", "type": "LOC"}]})"
                               "\n"
                               R"({"text": "in Bern", "spans": [{"start": 3, "type": "LOC", "text": "Bern"}]})");
  EXPECT_THAT(read.reasons(),
              ElementsAre("span_not_found", "span_not_found", "span_not_found", "missing_field", "missing_field"));
}

TEST(SpanRows, ReadAStringThatHoldsThem) {
  const auto read =
      read_spans(R"x({"text": "Zoë in Bern", "spans": "[{\"text\": \"Zo\u00eb\", \"type\": \"PER\"}, )x"
                 R"x({\"text\": \"Bern\", \"type\": \"LOC\"}]"})x"
                 "\n"
                 R"({"text": "nobody", "spans": "[]"})"
                 "\n"
                 R"({"text": "in Bern", "spans": "{\"entities\": [{\"start\": 3, \"end\": 7, \"type\": \"LOC\"}]}"})"
                 "\n"
                 R"({"text": "in Bern", "spans": "Bern"})");
  EXPECT_THAT(read.reasons(), ElementsAre("wrong_type"));
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 4, kWho}, TypedSpan{8, 12, kWhere}));
  EXPECT_TRUE(read.records[1].has_spans);
  EXPECT_THAT(read.records[2].spans, ElementsAre(TypedSpan{3, 7, kWhere}));
}

TEST(SpanRows, KnowOtherNamesOfTheirFields) {
  const std::vector<std::string> spans = {
      R"("spans": [{"start": 3, "end": 7, "label": "LOC"}])",
      R"("spans": [{"start": "3", "end": 7.0, "labels": ["LOC"]}])",
      R"("entities": [{"start_offset": 3, "end_offset": 7, "label": "LOC", "id": 4}], "relations": [])",
      R"("entities": [{"entity_group": "LOC", "score": 0.9, "word": "bern", "start": 3, "end": 7}])",
      R"("entities": [{"entity_type": "LOC", "entity_value": "Bern", "start_position": 3, "end_position": 7}])",
      R"("ents": [{"start": 3, "end": 7, "label": "LOC"}])",
      R"("label": [[3, 7, "LOC"]])",
      R"("labels": [[3, 7, "loc"]])"};
  for (const std::string& given : spans) {
    const auto read = read_spans("{\"text\": \"in Bern\", " + given + "}");
    ASSERT_EQ(read.records.size(), 1U) << given << testing::PrintToString(read.quarantine);
    EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{3, 7, kWhere})) << given;
  }
  const auto read = read_spans(R"({"text": "in Bern", "spans": [{"start": 3, "end": 7, "labels": ["LOC", "PER"]}]})"
                               "\n"
                               R"({"text": "in Bern", "spans": [[3, 7]]})"
                               "\n"
                               R"({"text": "in Bern", "spans": [{"start": -3, "end": 7, "type": "LOC"}]})");
  EXPECT_THAT(read.reasons(), ElementsAre("wrong_type", "wrong_type", "bad_offset"));
}

TEST(SpanRows, ReadTagsByNumberAndOfOtherSchemes) {
  const std::vector<std::string> rows = {
      R"("tokens": ["Zoë", "Li", "in", "Bern"], "ner_tags": [1, 2, 0, 3])",
      R"("words": ["Zoë", "Li", "in", "Bern"], "labels": ["B-PER", "L-PER", "O", "U-LOC"])",
      R"("tokens": ["Zoë", "Li", "in", "Bern"], "tags": ["B-PER", "E-PER", "O", "S-LOC"])",
      R"("tokens": ["Zoë", "Li", "in", "Bern"], "tags": ["I-PER", "I-PER", "O", "I-LOC"])",
      R"("tokens": ["Zoë", "Li", "in", "Bern"], "tags": ["PER", "PER", "O", "LOC"])"};
  for (const std::string& row : rows) {
    const auto read = read_spans("{" + row + "}");
    ASSERT_EQ(read.records.size(), 1U) << row << testing::PrintToString(read.quarantine);
    EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 7, kWho}, TypedSpan{11, 15, kWhere})) << row;
  }
  const auto read = read_spans(R"({"tokens": ["Zoë"], "tags": [5]})"
                               "\n"
                               R"({"tokens": ["Zoë"], "tags": ["B-ORG"]})");
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label", "unknown_tag"));
}

TEST(SpanRows, AreReadFromATeachersAnswer) {
  const auto row = [](const std::string& text, const std::string& answer, const char* finish = "stop") {
    return nlohmann::json{
               {"request", {{"messages", {{{"role", "user"}, {"content", text}}}}}},
               {"response", {{"choices", {{{"message", {{"content", answer}}}, {"finish_reason", finish}}}}}}}
               .dump() +
           "\n";
  };
  const auto read = read_spans(
      row("Zoë in Bern", R"({"entities": [{"type": "PER", "text": "Zoë"}, {"type": "LOC", "text": "Bern"}]})") +
      row("Anna", "<think>one [PER]</think>\n```json\n[{\"label\": \"PER\", \"start\": 0, \"end\": 4}]\n```") +
      row("Bo and Al", R"({"PER": ["Bo", "Al"], "LOC": []})") + row("nobody", "[]") +
      row("cut", R"([{"type": "PER", "te)", "length") + row("words", "There are none.") +
      row("lost", R"([{"type": "PER", "text": "Zoë"}])"));
  ASSERT_EQ(read.records.size(), 4U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{0, 4, kWho}, TypedSpan{8, 12, kWhere}));
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{0, 4, kWho}));
  EXPECT_THAT(read.records[2].spans, ElementsAre(TypedSpan{0, 2, kWho}, TypedSpan{7, 9, kWho}));
  EXPECT_TRUE(read.records[3].has_spans);
  EXPECT_THAT(read.records[3].spans, IsEmpty());
  EXPECT_THAT(read.reasons(), ElementsAre("answer_cut", "unknown_answer_shape", "span_not_found"));
}

TEST(SpanRows, OfAnAnswerAreJoinedToTheirRequest) {
  Result<LabelSet> labels = LabelSet::create({"O", "B-PER", "I-PER"}, {}, {}, spec::TaskKind::kTag);
  const test::TemporaryFolder folder;
  const Source source{
      Adapter::kJsonl,
      folder.write("answers.jsonl", R"({"custom_id": "1", "response": {"body": {"choices": [{"message": {"content": )"
                                    R"("[{\"type\": \"PER\", \"text\": \"Anna\"}]"}}]}}})"
                                    "\n"),
      folder.write("requests.jsonl",
                   R"({"custom_id": "1", "body": {"messages": [{"role": "user", "content": "is Anna in"}]}})"
                   "\n")};
  const auto read = tests::read_log(folder, {"split", {source}, true}, *labels, {}, nullptr, spec::TaskKind::kTag);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].id, "1");
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{3, 7, 0}));
}

}  // namespace
}  // namespace noggin::data
