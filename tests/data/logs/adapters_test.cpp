// json_object and tsv sources, and names of fields.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;
using testing::HasSubstr;

LabelSet yes_no() { return tests::labels_of({"yes", "no"}); }

tests::LogRead read_file(const std::string& text, Source source, TaskKind task = TaskKind::kSingleLabel) {
  const test::TemporaryFolder folder;
  source.path = folder.write("log.txt", text);
  const LabelSet labels = task == TaskKind::kSingleLabel ? yes_no() : *LabelSet::create({}, {}, {}, task);
  return tests::read_log(folder, {"split", {source}, false}, labels, {}, nullptr, task);
}

Result<SplitReport> try_file(const std::string& text, Source source, TaskKind task = TaskKind::kSingleLabel) {
  const test::TemporaryFolder folder;
  source.path = folder.write("log.txt", text);
  const LabelSet labels = task == TaskKind::kSingleLabel ? yes_no() : *LabelSet::create({}, {}, {}, task);
  return read_split({"split", {source}, false}, labels, {}, "", [](Record&&) { return Status(); }, nullptr, task);
}

TEST(JsonObject, ItsKeysAreIds) {
  const auto read = read_file(
      "\xEF\xBB\xBF {\n \"a,}\\\"b\" : {\"text\": \"one, } \\\" two\", \"label\": \"yes\", \"id\": \"skipped\"},\n"
      "\"\\u00e9\":{\"text\": \"x\", \"label\": \"no\", \"more\": [{}, \"]\"]} ,\"c\": 5, \"c\": {\"label\": \"no\"},\n"
      "\"d\": {\"text\": \"y\", \"label\": \"dog\"} }\n",
      {.adapter = Adapter::kJsonObject});
  EXPECT_THAT(read.ids(), ElementsAre("a,}\"b", "é"));
  EXPECT_EQ(read.records[0].text, "one, } \" two");
  EXPECT_THAT(read.records[1].file, HasSubstr("log.txt"));
  EXPECT_EQ(read.records[1].line, 3U);
  EXPECT_THAT(read.reasons(), ElementsAre("not_an_object", "missing_field", "unknown_label"));
  EXPECT_TRUE(read_file("{}", {.adapter = Adapter::kJsonObject}).records.empty());
}

TEST(JsonObject, RowsLongerThanABuffer) {
  std::string text = "{";
  for (int i = 0; i < 40; ++i)
    text += (i > 0 ? ", \"" : "\"") + std::to_string(i) + "\": {\"text\": \"" +
            std::string(static_cast<std::size_t>(i) * 3000 + 1, 'x') + "\", \"label\": \"no\"}";
  const auto read = read_file(text + "}", {.adapter = Adapter::kJsonObject});
  ASSERT_EQ(read.records.size(), 40U);
  EXPECT_EQ(read.records[39].text.size(), 39U * 3000 + 1);
}

TEST(JsonObject, ACutFileGivesWhatIsComplete) {
  const std::string whole = R"({"a": {"text": "x", "label": "no"}, "b": {"text": "y", "label": "no"}})";
  const std::size_t second = whole.find(", \"b\"");
  for (std::size_t length = second + 1; length < whole.size(); ++length) {
    const auto read = read_file(whole.substr(0, length), {.adapter = Adapter::kJsonObject});
    EXPECT_THAT(read.ids(), ElementsAre("a")) << length;
    EXPECT_THAT(read.reasons(), ElementsAre("cut_last_line")) << length;
  }
  EXPECT_EQ(read_file(whole, {.adapter = Adapter::kJsonObject}).records.size(), 2U);
}

TEST(JsonObject, RefusesOtherFiles) {
  for (const char* text : {"[1]", "\"x\"", "{5: 1}", "{\"a\" 5}", "{} {}", "nonsense"}) {
    const auto report = try_file(text, {.adapter = Adapter::kJsonObject});
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, ErrorCode::kBadData) << text;
    EXPECT_THAT(report.error().message, HasSubstr("log.txt:1: ")) << text;
  }
}

TEST(Tsv, ReadsColumnsInOrder) {
  const Source source{.adapter = Adapter::kTsv, .columns = {"text", "-", "score", "id"}};
  const auto read = read_file(
      "one \"two\"\tx\t0.25\ta\r\nthree\t\t1\tb\n\nfour\t0.5\n five\tx\t2\tc\nsix\tx\tno\td\nseven\tx\t1e0 "
      "\te\n\tx\t1\tf\nnine\tx\t0\ta\n\xff\tx\t1\tg\n",
      source, TaskKind::kScore);
  EXPECT_THAT(read.ids(), ElementsAre("a", "b"));
  EXPECT_EQ(read.records[0].text, "one \"two\"");
  EXPECT_THAT(read.records[0].gold_values, ElementsAre(0.25F));
  EXPECT_THAT(read.reasons(), ElementsAre("column_count", "score_out_of_range", "wrong_type", "wrong_type",
                                          "empty_text", "duplicate_id", "invalid_utf8"));
}

TEST(Tsv, AByteOrderMarkIsNoPartOfTheFirstValue) {
  const auto read =
      read_file("\xEF\xBB\xBFyes\ta text\nno\tanother\n", {.adapter = Adapter::kTsv, .columns = {"label", "text"}});
  ASSERT_EQ(read.records.size(), 2U);
  EXPECT_EQ(read.records[0].text, "a text");
  const auto texts = read_file(
      "\xEF\xBB\xBF"
      "a text\tyes\n",
      {.adapter = Adapter::kTsv, .columns = {"text", "label"}});
  ASSERT_EQ(texts.records.size(), 1U);
  EXPECT_EQ(texts.records[0].text, "a text");
}

TEST(Tsv, UndoesQuotes) {
  const auto read = read_file("\"a \"\"b\"\"\"\tyes\n\"two\nlines\"\tno\n\"What?\" she said\tyes\n\"only a mark\tno\n",
                              {.adapter = Adapter::kTsv, .columns = {"text", "label"}});
  ASSERT_EQ(read.records.size(), 4U);
  EXPECT_EQ(read.records[0].text, "a \"b\"");
  EXPECT_EQ(read.records[1].text, "two\nlines");
  EXPECT_EQ(read.records[2].text, "\"What?\" she said");
  EXPECT_EQ(read.records[3].text, "\"only a mark");
  EXPECT_EQ(read.records[3].line, 5U);
}

TEST(Tsv, ReadsListsAndMapsAsJson) {
  const auto read =
      read_file("one\tno\t{\"yes\": 0.25, \"no\": 0.5}\ntwo\t\t[0.25, 0.75]\nthree\tyes\t \nfour\tyes\thalf\n",
                {.adapter = Adapter::kTsv, .columns = {"text", "label", "probs"}});
  EXPECT_THAT(read.reasons(), ElementsAre("wrong_type"));
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_THAT(read.records[0].teacher.classes, ElementsAre(1, 0));
  EXPECT_EQ(read.records[1].label, kNoLabel) << "an empty cell is null";
  EXPECT_THAT(read.records[1].teacher.probabilities, ElementsAre(0.75F, 0.25F));
  EXPECT_TRUE(read.records[2].teacher.empty());
}

TEST(Tsv, ReadsLabels) {
  const auto read = read_file("no\tone\ndog\ttwo\n", {.adapter = Adapter::kTsv, .columns = {"label", "text"}});
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].label, 1);
  EXPECT_EQ(read.records[0].id, "log-1");
  EXPECT_THAT(read.reasons(), ElementsAre("unknown_label"));
}

TEST(FieldNames, AreMapped) {
  const Source source{.adapter = Adapter::kJsonl, .fields = {{"text", "question"}, {"label", "text"}}};
  const auto read = read_file(R"({"question": "a", "text": "yes", "label": "dog"})"
                              "\n"
                              R"({"label": "yes", "text": "no"})",
                              source);
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "a");
  EXPECT_EQ(read.records[0].label, 0);
  EXPECT_THAT(read.reasons(), ElementsAre("missing_field"));
  const auto report = try_file("", {.adapter = Adapter::kJsonl, .fields = {{"txt", "question"}}});
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().message, HasSubstr("\"txt\" is not a field"));
}

TEST(OpenAiBatch, IsForOneClassPerText) {
  const auto report = try_file("", {.adapter = Adapter::kOpenAiBatch, .requests_path = "x"}, TaskKind::kScore);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace noggin::data
