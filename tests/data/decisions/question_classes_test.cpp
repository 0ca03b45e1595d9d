#include "data/decisions/question_classes.h"

#include <algorithm>

#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using test_decisions::read_row;
using testing::DoubleEq;
using testing::ElementsAre;

class QuestionClasses : public testing::Test {
 protected:
  static Checked<ClassProbabilities> map(std::string_view question, TaskKind task, std::vector<std::string> classes,
                                         const std::map<std::string, std::vector<std::string>>& words = {}) {
    const LabelSet labels = *LabelSet::create(std::move(classes), words, {}, task);
    return QuestionMapper(std::string(question), task, labels).map(row());
  }
  static ClassProbabilities mapped(std::string_view question, TaskKind task, std::vector<std::string> classes,
                                   const std::map<std::string, std::vector<std::string>>& words = {}) {
    const auto result = map(question, task, std::move(classes), words);
    if (const auto* bad = std::get_if<Rejection>(&result)) ADD_FAILURE() << reason_code(bad->reason) << bad->detail;
    return std::holds_alternative<ClassProbabilities>(result) ? std::get<ClassProbabilities>(result)
                                                              : ClassProbabilities{};
  }
  static Reason rejected(std::string_view question, TaskKind task, std::vector<std::string> classes) {
    return std::get<Rejection>(map(question, task, std::move(classes))).reason;
  }
  static DecisionRow row() {
    return read_row(
        R"({"state": "x", "questions": {
            "team": {"type": "choice", "criteria": {"loans": null, "repair": null, "other": null}},
            "today": {"type": "noul", "instructions": "?"}, "late": {"type": "noul", "instructions": "?"},
            "mood": {"type": "score", "criteria": ["calm", "cross", "furious"]}}})",
        R"({"answers": {"team": {"type": "choice", "probabilities": {"loans": 0.2, "repair": 0.7, "other": 0.1}},
            "today": {"type": "noul", "noul": 0.75},
            "mood": {"type": "score", "probabilities": {"0": 0.5, "1": 0.25, "2": 0.25}}}})");
  }
};

TEST_F(QuestionClasses, AChoiceIsItsOptionsInTheOrderOfTheRecipe) {
  const ClassProbabilities team = mapped("team", TaskKind::kSingleLabel, {"other", "Repair", "loans", "spare"});
  EXPECT_THAT(team.classes, ElementsAre(2, 1, 0));
  EXPECT_THAT(team.probabilities, ElementsAre(DoubleEq(0.2), DoubleEq(0.7), DoubleEq(0.1)));
}

TEST_F(QuestionClasses, OptionsOfOneClassAreAdded) {
  const ClassProbabilities team =
      mapped("team", TaskKind::kSingleLabel, {"loans", "rest"}, {{"rest", {"repair", "other"}}});
  EXPECT_THAT(team.classes, ElementsAre(0, 1));
  EXPECT_THAT(team.probabilities, ElementsAre(DoubleEq(0.2), DoubleEq(0.8)));
}

TEST_F(QuestionClasses, EveryRowHasItsOwnOrder) {
  const LabelSet labels = *LabelSet::create({"a", "b", "c"});
  QuestionMapper mapper("shelf", TaskKind::kSingleLabel, labels);
  const auto best = [&](const std::string& criteria) {
    const DecisionRow row = read_row(test_decisions::shelf_request(criteria),
                                     test_decisions::shelf_answer(R"({"a": 0.1, "b": 0.7, "c": 0.2})"));
    const auto built = std::get<ClassProbabilities>(mapper.map(row));
    const auto largest = std::max_element(built.probabilities.begin(), built.probabilities.end());
    return built.classes[static_cast<std::size_t>(largest - built.probabilities.begin())];
  };
  for (const char* criteria :
       {R"({"a": 0, "b": 0, "c": 0})", R"({"c": 0, "b": 0, "a": 0})", R"({"b": 0, "a": 0, "c": 0})"})
    EXPECT_EQ(best(criteria), 1) << criteria;
}

TEST_F(QuestionClasses, YesNoIsAScoreOrTwoClasses) {
  EXPECT_THAT(mapped("today", TaskKind::kScore, {}).probabilities, ElementsAre(0.75));
  EXPECT_THAT(mapped("today", TaskKind::kSingleLabel, {"yes", "no"}).classes, ElementsAre(1, 0));
  EXPECT_THAT(mapped("today", TaskKind::kSingleLabel, {"false", "true"}).probabilities, ElementsAre(0.25, 0.75));
}

TEST_F(QuestionClasses, LevelsAreClassesByTextOrPosition) {
  EXPECT_THAT(mapped("mood", TaskKind::kSingleLabel, {"calm", "cross", "furious"}).classes, ElementsAre(0, 1, 2));
  EXPECT_THAT(mapped("mood", TaskKind::kSingleLabel, {"2", "1", "0"}).classes, ElementsAre(2, 1, 0));
}

TEST_F(QuestionClasses, RefusalsSayWhy) {
  EXPECT_EQ(rejected("teem", TaskKind::kSingleLabel, {"a", "b"}), Reason::kQuestionAbsent);
  EXPECT_EQ(rejected("late", TaskKind::kScore, {}), Reason::kQuestionUnanswered);
  EXPECT_EQ(rejected("team", TaskKind::kScore, {}), Reason::kQuestionTask);
  EXPECT_EQ(rejected("mood", TaskKind::kScore, {}), Reason::kQuestionTask);
  EXPECT_EQ(rejected("today", TaskKind::kMultiLabel, {"a"}), Reason::kQuestionTask);
  EXPECT_EQ(rejected("team", TaskKind::kSingleLabel, {"loans", "repair"}), Reason::kUnknownLabel);
}

TEST_F(QuestionClasses, ALabelIsOneClassAndSaysSo) {
  const DecisionRow row =
      read_row(test_decisions::shelf_request(), R"({"answers": {"shelf": {"type": "choice", "choice": "b"}}})",
               {.choice_as_label = true});
  const LabelSet labels = *LabelSet::create({"a", "b", "c"});
  const auto built = std::get<ClassProbabilities>(QuestionMapper("shelf", TaskKind::kSingleLabel, labels).map(row));
  EXPECT_TRUE(built.is_label);
  EXPECT_THAT(built.probabilities, ElementsAre(0.0, 1.0, 0.0));
}

TEST_F(QuestionClasses, NamesCanAlwaysBeClasses) {
  const auto names = [](QuestionType type, std::vector<Option> options) {
    return class_names({.name = "q", .type = type, .options = std::move(options)});
  };
  EXPECT_THAT(names(QuestionType::kChoice, {{"true", true}, {"true", false}, {"false", true}}),
              ElementsAre("true (boolean)", "true", "false"));
  EXPECT_THAT(names(QuestionType::kScore, {{"low"}, {"high"}}), ElementsAre("low", "high"));
  EXPECT_THAT(names(QuestionType::kScore, {{"Low"}, {"Low "}}), ElementsAre("0", "1"));
  EXPECT_THAT(names(QuestionType::kScore, {{"low"}, {std::string(5000, 'x')}}), ElementsAre("0", "1"));
}

TEST_F(QuestionClasses, ProposesWhatTheLogAnswers) {
  QuestionLedger ledger;
  DecisionRow first = row();
  ledger.add(first);
  DecisionRow second = read_row(R"({"state": "y", "questions": {"today": {"type": "noul", "instructions": "?"}}})",
                                R"({"answers": {"today": {"type": "noul", "noul": 0.5}}})");
  ledger.add(second);
  const std::vector<ProposedQuestion> proposed = propose_questions(ledger);
  ASSERT_EQ(proposed.size(), 3U);  // "late" has no answer
  EXPECT_EQ(proposed[0].name, "today");
  EXPECT_EQ(proposed[0].task, TaskKind::kScore);
  EXPECT_THAT(proposed[0].classes, testing::IsEmpty());
  EXPECT_EQ(proposed[1].name, "team");
  EXPECT_EQ(proposed[1].task, TaskKind::kSingleLabel);
  EXPECT_THAT(proposed[1].classes, ElementsAre("loans", "repair", "other"));
  EXPECT_EQ(proposed[2].name, "mood");
}

}  // namespace
}  // namespace noggin::data
