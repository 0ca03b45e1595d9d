// Every wire format: what is asked, which answer belongs to which question, what has no teacher and why.
#include "data/decisions/decision.h"

#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using test_decisions::Json;
using test_decisions::missing;
using test_decisions::read_row;
using test_decisions::refused;
using test_decisions::shelf_answer;
using test_decisions::shelf_request;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::SizeIs;

std::vector<std::string> names(const QuestionAnswer& question) {
  std::vector<std::string> names;
  for (const Option& option : question.options) names.push_back(option.name);
  return names;
}

constexpr const char* kSystemOne =
    R"({"model": "j-latest", "state": "The reading lamp is broken.", "questions": {
      "desk": {"type": "choice", "instructions": "Who helps?", "criteria": {"loans": "Books", "repair": null}},
      "today": {"type": "noul", "criteria": {"true": "before closing", "false": null}},
      "mood": {"type": "score", "instructions": "How angry?", "criteria": ["calm", "cross", "furious"]}}})";
constexpr const char* kSystemOneAnswer =
    R"({"model": "j-1.2", "answers": {
      "desk": {"type": "choice", "choice": "repair", "probabilities": {"repair": 0.9, "loans": 0.1}, "confidence": 3},
      "today": {"type": "noul", "noul": 0.75},
      "mood": {"type": "score", "score": 0.5, "legend": {"0": "calm", "1": "cross", "2": "furious"},
               "probabilities": {"0": 0.6, "1": 0.3, "2": 0.1}}}, "usage": {"input_tokens": 9, "output_tokens": 1}})";

TEST(Decision, SystemOne) {
  const DecisionRow row = read_row(kSystemOne, kSystemOneAnswer);
  EXPECT_EQ(row.shape, DecisionShape::kSystemOne);
  EXPECT_EQ(row.text, "The reading lamp is broken.");
  EXPECT_EQ(row.model, "j-1.2");
  EXPECT_EQ(row.usage.input_tokens, 9);
  ASSERT_THAT(row.questions, SizeIs(3));
  EXPECT_THAT(names(row.questions[0]), ElementsAre("loans", "repair"));
  EXPECT_THAT(row.questions[0].p, ElementsAre(0.1, 0.9));
  EXPECT_THAT(names(row.questions[1]), ElementsAre("no", "yes"));
  EXPECT_THAT(row.questions[1].p, ElementsAre(0.25, 0.75));
  EXPECT_THAT(row.questions[2].p, ElementsAre(DoubleEq(0.6), DoubleEq(0.3), DoubleEq(0.1)));
  EXPECT_FALSE(row.questions[0].clipped || row.questions[0].choice_differs || row.questions[2].score_differs);
  EXPECT_EQ(row.find("mood"), &row.questions[2]);
  EXPECT_EQ(row.find("moo"), nullptr);
}

constexpr const char* kOpenAi =
    R"({"model": "g", "input": [{"role": "user", "content": "The reading lamp is broken."}], "questions": [
      {"type": "choice", "name": "desk", "instructions": "Who helps?", "choices":
          [{"value": "loans", "description": "Books"}, {"value": "repair"}]},
      {"type": "predicate", "instructions": "Is it for today?"},
      {"type": "score", "name": "mood", "instructions": "How angry?", "levels":
          [{"label": "calm"}, {"label": "cross"}, {"label": "furious"}]}]})";

TEST(Decision, OpenAi) {
  const DecisionRow row = read_row(kOpenAi, R"({"model": "g-1", "answers": [
        {"type": "choice", "name": "desk", "choice": "repair", "probabilities":
            [{"value": "loans", "probability": 0.1}, {"value": "repair", "probability": 0.9}]},
        {"type": "predicate", "name": null, "probability": 0.75},
        {"type": "refusal", "name": "mood"}]})");
  EXPECT_EQ(row.shape, DecisionShape::kOpenAi);
  EXPECT_EQ(row.text, "The reading lamp is broken.");
  ASSERT_THAT(row.questions, SizeIs(3));
  EXPECT_THAT(row.questions[0].p, ElementsAre(0.1, 0.9));
  EXPECT_EQ(row.questions[1].name, "1");
  EXPECT_THAT(row.questions[1].p, ElementsAre(0.25, 0.75));
  EXPECT_EQ(missing(row.questions[2]), Reason::kQuestionRefused);
}

TEST(Decision, OneWordingInEveryFormat) {
  const DecisionRow a = read_row(kSystemOne, R"({"answers": {}})"), b = read_row(kOpenAi, R"({"answers": []})");
  EXPECT_EQ(a.questions[0].wording, "Who helps?\nloans: Books");
  EXPECT_EQ(a.questions[0].wording, b.questions[0].wording);
  EXPECT_EQ(a.questions[2].wording, b.questions[2].wording);
  EXPECT_EQ(a.questions[1].wording, "yes: before closing");
  const DecisionRow reordered = read_row(
      R"({"state": "x", "questions": {"desk": {"type": "choice", "instructions": "Who helps?",
          "criteria": {"repair": null, "loans": "Books"}}}})",
      R"({"answers": {}})");
  EXPECT_EQ(reordered.questions[0].wording, a.questions[0].wording);
}

TEST(Decision, SgLang) {
  const DecisionRow row = read_row(
      R"({"model": "s", "input": {"note": "lamp"}, "questions": [
        {"id": "desk", "type": "choice", "question": "Who helps?", "options": [{"name": "loans"}, {"name": "repair"}]},
        {"id": "today", "type": "yes_no", "question": "Today?", "yes": "now", "no": "later"},
        {"id": "mood", "type": "score", "question": "How angry?", "levels": ["calm", "cross"]}]})",
      R"({"model": "s", "answers": {
        "desk": {"type": "choice", "probabilities": {"loans": 0.2, "repair": 0.8}, "label_mass": 0.99},
        "today": {"type": "yes_no", "probabilities": {"yes": 0.75, "no": 0.25}, "label_mass": 0.2},
        "mood": {"type": "score", "probabilities": {"0": 0.5, "1": 0.5}, "option_mass": 0.9}},
        "usage": {"prompt_tokens": 4, "total_tokens": 4}})");
  EXPECT_EQ(row.shape, DecisionShape::kSgLang);
  EXPECT_EQ(row.text, "note: lamp");
  EXPECT_THAT(row.questions[0].p, ElementsAre(0.2, 0.8));
  EXPECT_EQ(row.questions[0].label_mass, 0.99);
  EXPECT_EQ(missing(row.questions[1]), Reason::kLowClassMass);
  EXPECT_EQ(row.questions[1].wording, "Today?\nno: later\nyes: now");
  EXPECT_THAT(row.questions[2].p, ElementsAre(0.5, 0.5));
  EXPECT_EQ(row.usage.input_tokens, 4);
}

TEST(Decision, OpenRouterIsSystemOneWithACost) {
  const DecisionRow row =
      read_row(kSystemOne, R"({"id": "r", "provider": "p", "model": "p/j", "answers": {"desk": {"type": "choice",
                      "choice": "repair"}}, "usage": {"input_tokens": 3, "cost": 2.5e-06}})");
  EXPECT_EQ(row.shape, DecisionShape::kOpenRouter);
  EXPECT_EQ(row.usage.cost, 2.5e-06);
  EXPECT_EQ(missing(row.questions[0]), Reason::kNoProbabilities);
  EXPECT_EQ(missing(row.questions[1]), Reason::kQuestionUnanswered);
}

TEST(Decision, GeminiClipsYesAndNo) {
  const std::string request = R"({"model": "m", "input": [{"type": "text", "text": "lamp"}], "questions": {
      "a": {"type": "noul", "instructions": "?"}, "b": {"type": "noul", "instructions": "?"},
      "c": {"type": "noul", "instructions": "?"}}})";
  const DecisionRow row = read_row(
      request,
      R"({"answers": {"a": {"type": "noul", "noul": 0.99, "confidence": 1}, "b": {"type": "noul", "noul": 0.01},
                               "c": {"type": "noul", "noul": 0.98}}})");
  EXPECT_EQ(row.shape, DecisionShape::kGemini);
  EXPECT_EQ(row.text, "lamp");
  EXPECT_EQ(row.model, "m");
  EXPECT_TRUE(row.questions[0].clipped && row.questions[1].clipped);
  EXPECT_FALSE(row.questions[2].clipped);

  const std::string blocked = R"({"prompt_feedback": {"block_reason": "SAFETY"}, "usage": {"total_input_tokens": 2}})";
  EXPECT_TRUE(is_decision_response(Json(blocked)));
  const DecisionRow masked = read_row(request, blocked);
  for (const QuestionAnswer& question : masked.questions) EXPECT_EQ(missing(question), Reason::kInputBlocked);
}

TEST(Decision, BooleansAreNotTheStringsOfTheirNames) {
  const std::string request = R"({"input": "x", "questions": [{"type": "choice", "name": "q", "choices":
      [{"value": true}, {"value": "true"}, {"value": false}]}]})";
  const DecisionRow row = read_row(request, R"({"answers": [{"type": "choice", "name": "q", "choice": true,
      "probabilities": [{"value": "true", "probability": 0.2}, {"value": true, "probability": 0.7},
                        {"value": false, "probability": 0.1}]}]})");
  EXPECT_THAT(row.questions[0].options,
              ElementsAre(Option{"true", true}, Option{"true", false}, Option{"false", true}));
  EXPECT_THAT(row.questions[0].p, ElementsAre(DoubleEq(0.7), DoubleEq(0.2), DoubleEq(0.1)));
  EXPECT_FALSE(row.questions[0].choice_differs);
  // Through a format whose keys are strings the string comes first, and a boolean without such a string is found.
  const DecisionRow mapped = read_row(request, R"({"answers": {"q": {"type": "choice", "choice": "false",
      "probabilities": {"true": 0.2, "false": 0.8}}}})");
  EXPECT_THAT(mapped.questions[0].p, ElementsAre(0.0, 0.2, 0.8));
}

TEST(Decision, AnswersAreFoundByNameElseByPlace) {
  const std::string request = R"({"input": "x", "questions": [{"type": "predicate", "name": "a", "instructions": "?"},
      {"type": "predicate", "instructions": "?"}, {"type": "predicate", "name": "c", "instructions": "?"}]})";
  const auto yes = [&](const std::string& answers) {
    std::vector<double> found;
    for (const QuestionAnswer& question : read_row(request, R"({"answers": )" + answers + "}").questions)
      found.push_back(question.missing ? -1.0 : question.p[1]);
    return found;
  };
  const std::string a = R"({"type": "predicate", "name": "a", "probability": 0.1})",
                    b = R"({"type": "predicate", "name": null, "probability": 0.2})",
                    c = R"({"type": "predicate", "name": "c", "probability": 0.3})";
  EXPECT_THAT(yes("[" + a + "," + b + "," + c + "]"), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(yes("[" + c + "," + b + "," + a + "]"), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(yes("[" + c + "," + a + "]"), ElementsAre(0.1, -1.0, 0.3));
  EXPECT_THAT(yes("[null," + b + "," + c + "]"), ElementsAre(-1.0, 0.2, 0.3));
  EXPECT_THAT(yes("[" + a + "," + a + "]"), ElementsAre(-1.0, -1.0, -1.0));
  EXPECT_THAT(yes("[" + b + "," + c + "]"), ElementsAre(-1.0, -1.0, 0.3));
  EXPECT_THAT(yes(R"({"c": )" + c + R"(, "a": )" + a + R"(, "a": )" + b + "}"), ElementsAre(-1.0, -1.0, 0.3));
  EXPECT_THAT(yes(R"({"0": )" + a + R"(, "1": )" + b + R"(, "2": )" + c + "}"), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(yes(R"({"a": )" + a + R"(, "1": )" + b + R"(, "c": null})"), ElementsAre(0.1, 0.2, -1.0));
}

TEST(Decision, AnswersThatNobodyAskedForAreCounted) {
  const auto unasked = [](const std::string& answers) {
    const DecisionRow row = read_row(shelf_request(), R"({"answers": )" + answers + "}");
    EXPECT_TRUE(row.answered);
    return row.unasked;
  };
  EXPECT_EQ(unasked(R"({"shelf": null, "desk": {"type": "noul", "noul": 1}})"), 1U);
  EXPECT_EQ(unasked(R"([{"type": "predicate", "name": "desk", "probability": 1}])"), 1U);
  EXPECT_EQ(unasked(R"({"0": {"type": "choice"}})"), 0U);
  EXPECT_EQ(unasked("[]"), 0U);
  EXPECT_FALSE(read_row(shelf_request(), R"({"error": "x"})").answered);
}

TEST(Decision, OneQuestionWithoutATeacherDoesNotCostTheRow) {
  const DecisionRow row = read_row(
      R"({"state": "x", "questions": {"where": {"type": "box", "instructions": "the lamp"}, "one": {"type": "choice",
          "criteria": {"a": null}}, "old": {"type": "score", "criteria": {"0": "a", "1": "b"}}, "odd": {"type": "choice",
          "criteria": {"a": null, "b": null, "a": null}}, "null": null, "ok": {"type": "noul", "instructions": "?"}}})",
      R"({"answers": {"where": {"type": "box", "box": {}}, "one": {"type": "choice", "probabilities": {"a": 1.0}},
          "ok": {"type": "noul", "noul": 0.5}}})");
  EXPECT_EQ(missing(row.questions[0]), Reason::kQuestionType);
  EXPECT_EQ(missing(row.questions[1]), Reason::kQuestionType);
  EXPECT_EQ(missing(row.questions[2]), Reason::kWrongType);
  EXPECT_EQ(missing(row.questions[3]), Reason::kRepeatedField);
  EXPECT_EQ(missing(row.questions[4]), Reason::kWrongType);
  EXPECT_THAT(row.questions[5].p, ElementsAre(0.5, 0.5));
}

TEST(Decision, QuestionsOfOneNameAreAmbiguous) {
  const DecisionRow row = read_row(R"({"input": "x", "questions": [{"type": "predicate", "name": "a"},
      {"type": "predicate", "name": "a"}, {"type": "predicate", "name": "b"}]})",
                                   R"({"answers": [{"type": "predicate", "name": "a", "probability": 0.1},
      {"type": "predicate", "name": "a", "probability": 0.2}, {"type": "predicate", "name": "b", "probability": 0.5}]})");
  EXPECT_EQ(missing(row.questions[0]), Reason::kRepeatedField);
  EXPECT_EQ(missing(row.questions[1]), Reason::kRepeatedField);
  EXPECT_THAT(row.questions[2].p, ElementsAre(0.5, 0.5));
}

TEST(Decision, FailuresLeaveTheRowWithoutATeacher) {
  for (const char* response : {"{}", "null", R"({"error": {"message": "no", "code": "x"}})", R"({"error": "no"})",
                               R"({"detail": [{"loc": ["body"], "msg": "no"}]})"})
    EXPECT_EQ(missing(read_row(shelf_request(), response).questions[0]), Reason::kTeacherError) << response;
  const Json request(shelf_request()), response(shelf_answer(R"({"a": 1.0})"));
  const auto reason = [](const DecisionPair& pair) {
    const Checked<DecisionRow> row = read_decision(pair, {});
    return missing(std::get<DecisionRow>(row).questions[0]);
  };
  EXPECT_EQ(reason({.request = request}), Reason::kTeacherError);
  EXPECT_EQ(reason({.request = request, .response = response, .status = 500}), Reason::kTeacherError);
  EXPECT_EQ(reason({.request = request, .failure = "expired"}), Reason::kTeacherError);
}

TEST(Decision, TruncatedInputsAndOtherTeachersAreFiltered) {
  const std::string answers = R"("answers": {"shelf": {"type": "choice", "probabilities": {"a": 1, "b": 0, "c": 0}}})";
  EXPECT_EQ(missing(read_row(shelf_request(), R"({"truncated": true, )" + answers + "}").questions[0]),
            Reason::kInputTruncated);
  EXPECT_EQ(
      missing(read_row(shelf_request(), R"({"usage": {"state_tokens_dropped": 4}, )" + answers + "}").questions[0]),
      Reason::kInputTruncated);
  const std::string response = R"({"model": "v2", "truncated": false, "state_tokens_dropped": 0, )" + answers + "}";
  EXPECT_EQ(missing(read_row(shelf_request(), response, {.teacher_models = {"v1"}}).questions[0]),
            Reason::kOtherTeacher);
  EXPECT_FALSE(read_row(shelf_request(), response, {.teacher_models = {"v1", "v2"}}).questions[0].missing);
}

TEST(Decision, RefusesRowsWithoutTextOrAnswers) {
  const std::string questions = R"("questions": {"a": {"type": "noul", "instructions": "?"}}})";
  const std::string answer = R"({"answers": {"a": {"type": "noul", "noul": 0.5}}})";
  const auto refused_with = [&](const std::string& head) { return refused("{" + head + questions, answer); };
  EXPECT_EQ(refused_with(R"("model": "m", )"), Reason::kNotADecision);
  EXPECT_EQ(refused_with(R"("state": null, )"), Reason::kNotADecision);
  EXPECT_EQ(refused_with(R"("state": "", )"), Reason::kEmptyText);
  EXPECT_EQ(refused_with(R"("state": 3, )"), Reason::kWrongType);
  EXPECT_EQ(refused_with(R"("input": "redacted-by-somebody", )"), Reason::kRedactedText);
  EXPECT_EQ(refused_with(R"("state": "x", "images": ["aGk="], )"), Reason::kMediaInput);
  EXPECT_EQ(refused_with(R"("state": "x", "assets": {"p": {}}, )"), Reason::kMediaInput);
  EXPECT_EQ(refused_with(R"("state": "x", "state": "y", )"), Reason::kRepeatedField);
  EXPECT_EQ(refused(R"({"state": "x", "questions": {"a": {"type": "noul"}, "a": {"type": "noul"}}})", answer),
            Reason::kRepeatedField);
  EXPECT_EQ(refused("{\"state\": \"x\", " + questions, R"({"choices": [{"message": {"content": "yes"}}]})"),
            Reason::kNotADecision);
  EXPECT_FALSE(read_row("{\"state\": \"x\", \"assets\": {}, " + questions, answer).questions[0].missing);
}

TEST(Decision, OtherLogsAreNoDecisions) {
  for (const char* other : {R"({"model": "m", "messages": [{"role": "user", "content": "hi"}]})",
                            R"({"input": "x", "questions": ["why?"]})", R"({"input": "x", "questions": []})",
                            R"({"questions": {"a": {"type": "noul"}}})", "[]", "\"x\""})
    EXPECT_FALSE(is_decision_request(Json(other))) << other;
  for (const char* other :
       {R"({"answers": {"text": ["Paris"], "answer_start": [3]}})", R"({"answers": [{"text": "Paris", "start": 3}]})",
        R"({"choices": []})", R"({"answers": "yes"})", "{}", "[]"})
    EXPECT_FALSE(is_decision_response(Json(other))) << other;
}

}  // namespace
}  // namespace noggin::data
