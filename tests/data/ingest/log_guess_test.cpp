#include "data/ingest/log_guess.h"

#include <gmock/gmock.h>

#include "data/ingest/shown_rows.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class LogGuessTest : public testing::Test {
 protected:
  Result<LogGuess> guess(const std::string& text) { return guess_logs({folder_.write("log", text)}, 1000); }
  test::TemporaryFolder folder_;
};

TEST_F(LogGuessTest, LabelsAreClasses) {
  const auto log = guess(
      "{\"sentence\": \"a b\", \"intent\": \"x\"}\n{\"sentence\": \"c d\", \"intent\": \"Y\"}\n"
      "{\"sentence\": \"e f\", \"intent\": \"y\"}\n{\"sentence\": \"g h\", \"intent\": \"Y\"}\n");
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, spec::TaskKind::kSingleLabel);
  EXPECT_THAT(log->classes, testing::UnorderedElementsAre(Pair("Y", 3U), Pair("x", 1U))) << "one spelling of each";
  EXPECT_THAT(log->sources.at(0).fields,
              testing::UnorderedElementsAre(Pair("text", "sentence"), Pair("label", "intent")));
  EXPECT_TRUE(log->has_gold);
}

TEST_F(LogGuessTest, AnswersAreClassesWithoutWhatStandsAround) {
  const auto row = [](const char* answer) {
    return std::string("{\"prompt\": \"p\", \"completion\": \"") + answer + "\"}\n";
  };
  const auto log = guess(row("billing") + row("**Billing.**") + row("<think>delivery?</think> billing") +
                         row("{\\\"label\\\": \\\"delivery\\\"}"));
  ASSERT_TRUE(log) << log.error().message;
  std::uint64_t rows = 0;
  for (const auto& [name, count] : log->classes) rows += count;
  EXPECT_EQ(log->classes.size(), 2U);
  EXPECT_EQ(rows, 4U);
  EXPECT_FALSE(log->has_gold);
  EXPECT_TRUE(log->has_teacher);
}

TEST_F(LogGuessTest, SpansAndTagsAreTags) {
  const auto log = guess(R"({"text": "Bern", "spans": [{"start": 0, "end": 4, "type": "LOC"}]})");
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, spec::TaskKind::kTag);
  EXPECT_THAT(log->classes, ElementsAre(Pair("O", 0U), Pair("B-LOC", 1U), Pair("I-LOC", 0U)));
  const auto columns = guess("Bern NNP B-LOC\nis VB O\n\nAnna NNP B-PER\n");
  ASSERT_TRUE(columns) << columns.error().message;
  EXPECT_EQ(columns->sources.at(0).adapter, Adapter::kConll);
  EXPECT_EQ(columns->classes.size(), 5U);
}

TEST_F(LogGuessTest, SaysWhatItFoundInstead) {
  const auto log = guess(R"({"input_ids": [1], "compressed_logprobs": ["YWJj"]})");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kBadData);
  EXPECT_THAT(log.error().message, HasSubstr("DistillKit"));
}

TEST(ShownRows, AreJsonAndOneLineOfText) {
  ShownRow row{
      .id = "7", .text = "two\nlines", .label = "a", .teacher = {{"a", 0.75}, {"b", 0.25}}, .mass = 0.9, .position = 2};
  row.reading = RowNotes::Reading::kTokens;
  row.file = "x.jsonl";
  row.line = 3;
  EXPECT_EQ(to_json(row),
            R"({"id":"7","text":"two\nlines","label":"a","teacher":{"a":0.75,"b":0.25},"mass":0.9,"position":2,)"
            R"("family":"rows","source":"x.jsonl","line":3})");
  EXPECT_EQ(to_text(row).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace noggin::data
