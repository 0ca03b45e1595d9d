// Answers of a teacher that was asked to leave words out.
#include <gmock/gmock.h>

#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LabelSet edit_labels() { return *LabelSet::create({"keep", "delete"}, {}, {}, spec::TaskKind::kEdit); }

std::string answered(const std::string& text, const std::string& answer, const char* finish = "stop") {
  return nlohmann::json{{"request", {{"messages", {{{"role", "user"}, {"content", text}}}}}},
                        {"response", {{"choices", {{{"message", {{"content", answer}}}, {"finish_reason", finish}}}}}}}
             .dump() +
         "\n";
}

std::string gold(const std::string& text, const std::string& target) {
  return nlohmann::json{{"text", text}, {"target", target}}.dump() + "\n";
}

tests::LogRead read_edits(const std::string& log, bool training = true) {
  const test::TemporaryFolder folder;
  const Source source{Adapter::kJsonl, folder.write("log.jsonl", log), {}};
  return tests::read_log(folder, {"split", {source}, training}, edit_labels(), {}, nullptr, spec::TaskKind::kEdit);
}

TEST(EditedAnswers, AreTextsWithoutTheWordsThatGo) {
  const auto read = read_edits(
      answered("go uh home", "Go home.") + answered("we uh stay", "<think>uh goes</think>\n```\nWe stay\n```") +
      answered("so um yes", " \"So yes\" ") + answered("\"quoted\" uh \"text\"", "\"quoted\" \"text\"") +
      answered("nothing to do", "nothing to do") + answered("go uh home", "go", "length") +
      answered("good uh day", "Good evening") + answered("well uh", "  "));
  ASSERT_EQ(read.records.size(), 5U);
  EXPECT_THAT(read.records[0].spans, ElementsAre(TypedSpan{3, 5, 0}));
  EXPECT_THAT(read.records[1].spans, ElementsAre(TypedSpan{3, 5, 0}));
  EXPECT_EQ(read.records[1].target, "We stay");
  EXPECT_EQ(read.records[2].target, "So yes") << "quotes around all of it are the teacher's";
  EXPECT_EQ(read.records[3].target, "\"quoted\" \"text\"");
  EXPECT_TRUE(read.records[4].has_spans);
  EXPECT_THAT(read.records[4].spans, IsEmpty());
  EXPECT_THAT(read.reasons(), ElementsAre("answer_cut", "not_a_deletion", "other_task"));
}

TEST(EditedAnswers, GoldOfTheSameTextCountsBeforeThemInAnyOrder) {
  const std::string wrong = answered("go uh home", "uh home"), right = gold("go uh home", "go home");
  for (const std::string& log : {wrong + right, right + wrong}) {
    const auto train = read_edits(log);
    EXPECT_EQ(train.report.accepted, 1U);
    EXPECT_EQ(train.report.joined, log == wrong + right ? 1U : 0U);
    EXPECT_EQ(train.report.duplicates, log == wrong + right ? 0U : 1U);
    EXPECT_EQ(train.report.repeats.at("split").contradictions, 0U);
    const auto dev = read_edits(log, false);
    EXPECT_EQ(dev.report.accepted, 1U) << "measured by gold alone";
    EXPECT_EQ(dev.report.joined, 1U);
    EXPECT_EQ(dev.report.with_label, 1U);
  }
  EXPECT_EQ(read_edits(wrong + answered("go uh home", "go home")).report.repeats.at("split").contradictions, 1U)
      << "two answers of a teacher that differ";
}

}  // namespace
}  // namespace noggin::data
