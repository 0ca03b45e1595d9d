#include <gmock/gmock.h>

#include "data/guess/log_guess.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* kRequest =
    R"({"state": "the tap drips", "questions": {"who": {"type": "choice", "instructions": "Who comes?",)"
    R"( "criteria": {"plumber": null, "painter": null, "nobody": null}}, "now": {"type": "noul", "instructions": "Today?"}}})";
constexpr const char* kResponse =
    R"({"model": "m", "answers": {"who": {"type": "choice", "choice": "plumber",)"
    R"( "probabilities": {"plumber": 0.9, "painter": 0.06, "nobody": 0.04}}, "now": {"type": "noul", "noul": 0.7}}})";

std::string joined(const std::string& before, const std::string& json, const std::string& after) {
  return before + json + after + "\n";
}
std::string pair_row() { return joined(R"({"request": )", kRequest, R"(, "response": )") + joined("", kResponse, "}"); }

class QuestionGuessTest : public testing::Test {
 protected:
  std::string pairs() {
    std::string row = pair_row();
    std::erase(row, '\n');
    return folder_.write("pairs.jsonl", row + "\n" + row + "\n");
  }
  test::TemporaryFolder folder_;
};

TEST_F(QuestionGuessTest, ProposesTheQuestionThatHasMostOptions) {
  const auto log = guess_logs({pairs()});
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->question, "who");
  EXPECT_EQ(log->task, TaskKind::kSingleLabel);
  EXPECT_THAT(log->classes, ElementsAre(Pair("plumber", 0U), Pair("painter", 0U), Pair("nobody", 0U)))
      << "in the order asked";
  ASSERT_EQ(log->questions.size(), 2U);
  EXPECT_EQ(log->questions.at(0).answered, 2U);
  EXPECT_EQ(log->questions.at(1).name, "now");
  EXPECT_TRUE(log->has_teacher);
}

TEST_F(QuestionGuessTest, TakesTheQuestionThatIsNamed) {
  const std::string path = pairs();
  const auto log = guess_logs({path}, {.question = "now"});
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, TaskKind::kScore);
  EXPECT_TRUE(log->classes.empty());
  const TaskKind task = TaskKind::kSingleLabel;
  const auto as_classes = guess_logs({path}, {.task = &task, .question = "now"});
  ASSERT_TRUE(as_classes) << as_classes.error().message;
  EXPECT_THAT(as_classes->classes, ElementsAre(Pair("no", 0U), Pair("yes", 0U)));
  const auto absent = guess_logs({path}, {.question = "when"});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(absent.error().message, HasSubstr("take one of who, now"));
}

TEST_F(QuestionGuessTest, PutsFilesWithoutIdsSideBySide) {
  const std::string requests = folder_.write("requests.jsonl", joined("", kRequest, ""));
  const std::string answers = folder_.write("answers.jsonl", joined("", kResponse, ""));
  const auto log = guess_logs({requests, answers});
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->sources.size(), 1U);
  EXPECT_EQ(log->sources.at(0).path, answers);
  EXPECT_EQ(log->sources.at(0).requests_path, requests);
  EXPECT_EQ(log->files.size(), 2U);
  EXPECT_EQ(log->question, "who") << "asked, though answered elsewhere";
}

TEST_F(QuestionGuessTest, FindsGoldInAColumnOfTheQuestionsName) {
  const std::string gold = folder_.write(
      "gold.jsonl", R"({"text": "the tap drips", "label": "a", "who": "plumber", "now": true})" + std::string("\n"));
  const auto log = guess_logs({pairs(), gold});
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_THAT(log->sources.at(1).fields, UnorderedElementsAre(Pair("label", "who")));
  const auto yes_no = guess_logs({pairs(), gold}, {.question = "now"});
  ASSERT_TRUE(yes_no) << yes_no.error().message;
  EXPECT_THAT(yes_no->sources.at(1).fields, UnorderedElementsAre(Pair("score", "now")));
}

}  // namespace
}  // namespace noggin::data
