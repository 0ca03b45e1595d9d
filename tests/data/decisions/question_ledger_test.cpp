#include "data/decisions/question_ledger.h"

#include "data/decisions/question_findings.h"
#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using test_decisions::read_row;
using test_decisions::shelf_answer;
using test_decisions::shelf_request;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Ledger : public testing::Test {
 protected:
  DecisionRow add(const std::string& request, const std::string& response, const DecisionOptions& options = {}) {
    DecisionRow row = read_row(request, response, options);
    ledger_.add(row);
    return row;
  }
  // A row of the choice "shelf" about its own text.
  DecisionRow add_shelf(const std::string& probabilities, const std::string& criteria = R"({"a": null, "b": null})",
                        const std::string& instructions = "Which shelf?", const std::string& model = "m-1") {
    return add(R"({"state": "text )" + std::to_string(++texts_) + R"(", "questions": {"shelf": {"type": "choice", )" +
                   R"("instructions": ")" + instructions + R"(", "criteria": )" + criteria + "}}}",
               R"({"model": ")" + model + R"(", "answers": {"shelf": {"type": "choice", "probabilities": )" +
                   probabilities + "}}}");
  }
  // Codes of what is found, errors with "!".
  std::vector<std::string> codes(std::string_view question = "shelf") const {
    std::vector<std::string> codes;
    for (const QuestionFinding& finding : question_findings(ledger_, question))
      codes.push_back(finding.code + (finding.is_error ? "!" : ""));
    return codes;
  }
  const QuestionCounts& shelf() const { return ledger_.questions().at("shelf"); }

  QuestionLedger ledger_;
  int texts_ = 0;
};

TEST_F(Ledger, BalancesItsRows) {
  add_shelf(R"({"a": 0.5, "b": 0.5})");
  add_shelf(R"({"a": 1, "b": 0})");
  add_shelf(R"({"a": 0.123, "b": 0.877})");
  add_shelf(R"({"a": 0.1, "b": 0.1})");
  add(shelf_request(R"({"a": null, "b": null})"), R"({"answers": {}})");
  add(shelf_request(R"({"a": null, "b": null})"), R"({"answers": {"shelf": {"type": "choice", "choice": "a"}}})",
      {.choice_as_label = true});
  EXPECT_EQ(shelf().rows, 6U);
  EXPECT_EQ(shelf().answered, 3U);
  EXPECT_EQ(shelf().labels, 1U);
  EXPECT_THAT(shelf().missing, ElementsAre(Pair(Reason::kQuestionUnanswered, 1), Pair(Reason::kSumNotOne, 1)));
  EXPECT_THAT(shelf().decimals, ElementsAre(Pair(2, 2), Pair(3, 1)));
  EXPECT_EQ(shelf().log_decimals(), 3);
  EXPECT_EQ(shelf().at_zero_or_one, 1U);
  EXPECT_EQ(shelf().with_zero, 1U);
}

TEST_F(Ledger, OtherOptionsAreAnotherQuestion) {
  EXPECT_FALSE(add_shelf(R"({"a": 0.5, "b": 0.5})").questions[0].missing);
  EXPECT_FALSE(add_shelf(R"({"a": 0.5, "b": 0.5})", R"({"b": "books", "a": null})").questions[0].missing);
  for (const char* criteria : {R"({"a": null, "b": null, "c": null})", R"({"a": null, "c": null})"}) {
    const DecisionRow changed = add_shelf(R"({"a": 0.5, "c": 0.5})", criteria);
    EXPECT_EQ(test_decisions::missing(changed.questions[0]), Reason::kQuestionChanged) << criteria;
  }
  EXPECT_EQ(shelf().orders.size(), 2U);
  EXPECT_THAT(shelf().wordings, ElementsAre(Pair("Which shelf?", 1), Pair("Which shelf?\nb: books", 1)));
  EXPECT_EQ(shelf().missing.at(Reason::kQuestionChanged), 2U);
  EXPECT_THAT(codes(), ElementsAre("question_wordings", "question_changed"));
}

TEST_F(Ledger, LevelsMayBeWordedAnewButNotCountedAnew) {
  const auto add_levels = [&](const std::string& levels, const std::string& p) {
    return add(R"({"state": "x", "questions": {"q": {"type": "score", "criteria": )" + levels + "}}}",
               R"({"answers": {"q": {"type": "score", "probabilities": )" + p + "}}}");
  };
  add_levels(R"(["low", "high"])", R"({"0": 0.5, "1": 0.5})");
  EXPECT_FALSE(add_levels(R"(["poor", "good"])", R"({"0": 0.5, "1": 0.5})").questions[0].missing);
  EXPECT_TRUE(add_levels(R"(["low", "mid", "high"])", R"({"0": 0.5, "1": 0.5, "2": 0})").questions[0].missing);
  EXPECT_EQ(ledger_.questions().at("q").wordings.size(), 2U);
}

TEST_F(Ledger, InstructionsThatDifferOnMostRowsHoldData) {
  for (int i = 0; i < 20; ++i) add_shelf(R"({"a": 1, "b": 0})", R"({"a": null, "b": null})", i % 2 == 0 ? "x" : "y");
  EXPECT_FALSE(shelf().varies());
  for (int i = 0; i < 40; ++i)
    add_shelf(R"({"a": 1, "b": 0})", R"({"a": null, "b": null})", "Where is book " + std::to_string(i) + "?");
  EXPECT_TRUE(shelf().varies());
  EXPECT_THAT(codes(), ElementsAre("question_varies!"));
}

TEST_F(Ledger, MemoryDoesNotGrowWithWordings) {
  for (int i = 0; i < 6000; ++i) {
    DecisionRow row;
    row.text = std::to_string(i);
    row.questions.push_back(
        {{.name = "q", .type = QuestionType::kYesNo, .options = {{"no"}, {"yes"}}, .wording = std::to_string(i)},
         {.p = {0.5, 0.5}, .decimals = 2}});
    ledger_.add(row);
  }
  const QuestionCounts& counts = ledger_.questions().at("q");
  EXPECT_EQ(counts.wordings.size(), QuestionLedger::kMostKept);
  EXPECT_EQ(counts.wording_hashes.size(), QuestionLedger::kMostHashed);
  EXPECT_EQ(counts.other_wordings, 6000 - QuestionLedger::kMostKept);
  EXPECT_TRUE(counts.varies());
}

TEST_F(Ledger, MemoryDoesNotGrowWithNames) {
  for (int i = 0; i < 5000; ++i) {
    DecisionRow row;
    row.answered = true;
    row.model = "m" + std::to_string(i);
    row.questions.push_back(
        {{.name = "q" + std::to_string(i), .type = QuestionType::kYesNo, .options = {{"no"}, {"yes"}}},
         {.p = {0.5, 0.5}, .decimals = 2}});
    ledger_.add(row);
  }
  EXPECT_EQ(ledger_.questions().size(), QuestionLedger::kMostQuestions);
  EXPECT_EQ(ledger_.other_questions(), 5000 - QuestionLedger::kMostQuestions);
  EXPECT_EQ(ledger_.teacher_models().size(), QuestionLedger::kMostKept);
  EXPECT_THAT(codes("q0"), testing::Contains("many_questions"));
}

TEST_F(Ledger, AFewWordingsOnManyRowsDoNotVary) {
  for (int i = 0; i < 3000; ++i)
    add_shelf(R"({"a": 1, "b": 0})", R"({"a": null, "b": null})", "wording " + std::to_string(i % 300));
  EXPECT_GT(shelf().other_wordings, 0U);
  EXPECT_FALSE(shelf().varies());
}

TEST_F(Ledger, AQuestionThatCannotBeReadDoesNotDecideItsOptions) {
  add(R"({"input": "x", "questions": [{"type": "choice", "name": "shelf", "choices": [{"value": "a"}, {"value": "a"}]}]})",
      R"({"answers": []})");
  EXPECT_FALSE(add_shelf(R"({"a": 1, "b": 0})").questions[0].missing);
}

TEST_F(Ledger, MostRowsWithOtherOptionsAreAnError) {
  add_shelf(R"({"a": 1, "b": 0})", R"({"a": null, "b": null, "c": null})");
  for (int i = 0; i < 3; ++i) add_shelf(R"({"a": 1, "b": 0})");
  EXPECT_THAT(codes(), ElementsAre("question_changed!", "question_changed"));
}

TEST_F(Ledger, SeveralTeachersAreNamed) {
  add_shelf(R"({"a": 1, "b": 0})");
  EXPECT_THAT(codes(), IsEmpty());
  add_shelf(R"({"a": 1, "b": 0})", R"({"a": null, "b": null})", "Which shelf?", "m-2");
  add(R"({"model": "alias", "state": "x", "questions": {"shelf": {"type": "noul"}}})", R"({"error": "late"})");
  EXPECT_THAT(ledger_.teacher_models(), ElementsAre(Pair("m-1", 1), Pair("m-2", 1)));
  EXPECT_THAT(codes(), testing::Contains("several_teachers"));
}

TEST_F(Ledger, AnswersOfOtherRequestsAreNamed) {
  add(shelf_request(), R"({"answers": {"desk": {"type": "noul", "noul": 0.5}}})");
  EXPECT_EQ(ledger_.rows_with_unasked(), 1U);
  EXPECT_THAT(codes(), ElementsAre("question_unanswered!", "unasked_answers", "question_unanswered"));
}

TEST_F(Ledger, OneTextOnAllRowsIsAnError) {
  add(shelf_request(), shelf_answer(R"({"a": 1, "b": 0, "c": 0})"));
  EXPECT_FALSE(ledger_.has_constant_text());
  add(shelf_request(), shelf_answer(R"({"a": 1, "b": 0, "c": 0})"));
  EXPECT_TRUE(ledger_.has_constant_text());
  EXPECT_THAT(codes(), ElementsAre("constant_text!"));
  add_shelf(R"({"a": 1, "b": 0})");
  EXPECT_FALSE(ledger_.has_constant_text());
}

TEST_F(Ledger, AnUnknownQuestionListsThoseThatAreAsked) {
  add_shelf(R"({"a": 1, "b": 0})");
  EXPECT_THAT(codes("shelve"), ElementsAre("question_absent!"));
  EXPECT_THAT(question_findings(ledger_, "shelve")[0].text,
              testing::AllOf(HasSubstr("\"shelve\""), HasSubstr("\"shelf\""), HasSubstr("data.question")));
}

TEST_F(Ledger, ABoxBeforeAChoiceOfTheSameNameDoesNotDecide) {
  add(R"({"state": "x", "questions": {"shelf": {"type": "box", "instructions": "?"}}})", R"({"answers": {}})");
  EXPECT_FALSE(add_shelf(R"({"a": 1, "b": 0})").questions[0].missing);
  EXPECT_EQ(shelf().type, QuestionType::kChoice);
}

}  // namespace
}  // namespace noggin::data
