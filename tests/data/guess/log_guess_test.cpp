#include "data/guess/log_guess.h"

#include <fmt/format.h>
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
  Result<LogGuess> guess(const std::string& text) { return guess_logs({folder_.write("log", text)}); }
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
  EXPECT_FALSE(log->is_sample);
}

TEST_F(LogGuessTest, LabelsThatAreNumbersBetweenZeroAndOneAreAScale) {
  const auto table = [](const char* low, const char* high) {
    std::string rows;
    for (int i = 0; i < 12; ++i) rows += fmt::format("what is number {} of them\t{}\n", i, i % 3 == 0 ? low : high);
    return rows;
  };
  const auto log = guess(table("0.8", "1.0"));
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, spec::TaskKind::kScore);
  EXPECT_THAT(log->sources.at(0).fields,
              testing::UnorderedElementsAre(Pair("text", "column_1"), Pair("score", "column_2")));
  const auto classes = guess(table("0.0", "1.0"));
  ASSERT_TRUE(classes);
  EXPECT_EQ(classes->task, spec::TaskKind::kSingleLabel) << "no level between: two classes";
}

TEST_F(LogGuessTest, FindsTheTextOfSpansUnderAnyName) {
  std::string rows;
  for (int i = 10; i < 40; ++i)
    rows += fmt::format(
        "{{\"full_text\": \"call {} for more of it\", \"masked\": \"call {{{{phone number}}}} for more of it ({})\", "
        "\"spans\": [{{\"entity_type\": \"PHONE\", \"entity_value\": \"{}\", \"start_position\": 5, "
        "\"end_position\": 7}}]}}\n",
        i, i * 3, i);
  const auto log = guess(rows);
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, spec::TaskKind::kTag);
  EXPECT_THAT(log->sources.at(0).fields,
              testing::UnorderedElementsAre(Pair("text", "full_text"), Pair("spans", "spans")));
  EXPECT_THAT(log->classes, testing::Contains(Pair("B-PHONE", 30U))) << "counted once";
}

TEST_F(LogGuessTest, SeesTheClassesAtTheEndOfALongSortedLog) {
  std::string rows;
  for (int i = 0; i < 60'000; ++i)
    rows += fmt::format("{{\"text\": \"text {}\", \"label\": \"class {:02}\"}}\n", i, i / 2'000);
  const auto log = guess(rows);
  ASSERT_TRUE(log) << log.error().message;
  ASSERT_EQ(log->classes.size(), 30U);
  EXPECT_EQ(log->classes.front(), std::pair(std::string("class 00"), std::uint64_t{2'000}));
  EXPECT_EQ(log->classes.back(), std::pair(std::string("class 29"), std::uint64_t{500})) << "every fourth of them";
  EXPECT_EQ(log->documents, 20'000U + 10'000U + 5'000U);
  EXPECT_TRUE(log->is_sample);
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

// Rows of twenty texts with `beside`, in which % stands for the best class, and its probabilities as `named`.
std::string rows_with_probabilities(const std::string& text, const std::string& beside, const std::string& named) {
  std::string rows;
  for (int i = 0; i < 20; ++i) {
    const bool first = i % 2 == 0;
    std::string answer = beside;
    if (const auto at = answer.find('%'); at != std::string::npos) answer.replace(at, 1, first ? "late" : "lost");
    rows += fmt::format(R"({{"{}": "where is parcel {} of mine", {}{}}})", text, i, answer,
                        fmt::format(fmt::runtime(named), first ? 0.9 : 0.1, first ? 0.1 : 0.9));
    rows += '\n';
  }
  return rows;
}

TEST_F(LogGuessTest, WhatAModelSaidBesideItsProbabilitiesIsNoGold) {
  const std::string map = R"({{"late": {}, "lost": {}}})";
  for (const auto& [text, beside, named] :
       {std::tuple<std::string, std::string, std::string>{"input", R"("output": "%", )", R"("logprobs": )" + map},
        {"prompt", R"("completion": "%", )", R"("probabilities": )" + map},
        {"text", R"("prediction": "%", )", R"("probs": )" + map},
        {"text", R"("predicted_label": "%", )", R"("my_numbers": )" + map},
        {"text", "", R"("scores": [{{"label": "late", "score": {}}}, {{"label": "lost", "score": {}}}])"}}) {
    const auto log = guess(rows_with_probabilities(text, beside, named));
    ASSERT_TRUE(log) << beside << named << log.error().message;
    EXPECT_TRUE(log->has_teacher) << beside << named;
    EXPECT_FALSE(log->has_gold) << beside << named;
    EXPECT_THAT(log->classes, testing::UnorderedElementsAre(Pair("late", testing::_), Pair("lost", testing::_)))
        << beside << named;
  }
}

TEST_F(LogGuessTest, ALabelBesideATeachersProbabilitiesIsGold) {
  const std::string map = R"({{"late": {}, "lost": {}}})";
  for (const std::string& named :
       {R"("probabilities": )" + map, R"("teacher": {{"label": "late", "probs": )" + map + "}}"}) {
    const auto log = guess(rows_with_probabilities("text", R"("gold": "%", )", named));
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_TRUE(log->has_teacher) << named;
    EXPECT_TRUE(log->has_gold) << named;
  }
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

// Also where ids differ more than texts do, and the teacher's answers stand beside the tags.
TEST_F(LogGuessTest, WordsAreTheTextOfRowsThatHaveNoOther) {
  for (const char* id : {"id", "uuid"}) {
    const auto log = guess(std::string("{\"") + id +
                           R"(": "train-17", "tokens": ["in", "Bern"], "tags": ["O", "B-LOC"],
                              "logprobs": [{"O": -0.1}, {"B-LOC": -0.2}]})");
    ASSERT_TRUE(log) << log.error().message;
    EXPECT_EQ(log->task, spec::TaskKind::kTag);
    EXPECT_TRUE(log->sources.at(0).fields.empty());
    EXPECT_TRUE(log->has_gold && log->has_teacher);
  }
}

TEST_F(LogGuessTest, SpansAreFoundInStringsAndTrainingTuplesToo) {
  const auto strings = guess(R"({"text": "Bern", "spans": "[{\"text\": \"Bern\", \"type\": \"LOC\"}]"})");
  ASSERT_TRUE(strings) << strings.error().message;
  EXPECT_EQ(strings->task, spec::TaskKind::kTag);
  const auto tuples = guess("[\"Bern\", {\"entities\": [[0, 4, \"LOC\"]]}]\n[\"Graz\", {\"entities\": []}]\n");
  ASSERT_TRUE(tuples) << tuples.error().message;
  EXPECT_EQ(tuples->files.at(0).family, "spacy");
  EXPECT_THAT(tuples->classes, ElementsAre(Pair("O", 0U), Pair("B-LOC", 1U), Pair("I-LOC", 0U)));
}

TEST_F(LogGuessTest, LabelStudiosChoicesAreClassesAndItsKindsAreNone) {
  const auto row = [](const char* choice) {
    return std::string(R"({"id": 1, "data": {"text": "t"}, "annotations": [{"result": [{"type": "choices", )") +
           R"("from_name": "label", "value": {"choices": [")" + choice + "\"]}}]}]}\n";
  };
  const auto log = guess(row("up") + row("down"));
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_EQ(log->task, spec::TaskKind::kSingleLabel);
  EXPECT_THAT(log->classes, testing::UnorderedElementsAre(Pair("up", 1U), Pair("down", 1U)));
}

std::string answered(const std::string& text, const std::string& token, const char* finish = "stop") {
  return R"({"messages": [{"role": "user", "content": "q"}], "choices": [{"message": {"content": ")" + text +
         R"("}, "finish_reason": ")" + finish + R"(", "logprobs": {"content": [{"token": ")" + token +
         R"(", "logprob": -0.1, "top_logprobs": []}]}}]})" + "\n";
}

TEST_F(LogGuessTest, AnAccidentThatWasSeenOnceIsNoClass) {
  const std::string often = answered("A", "A") + answered("A", "A") + answered("B", "B") + answered("B", "B");
  const std::string once = answered("The answer is A", "The answer is A") + answered("A or B? B", "A or B? B") +
                           answered("I cannot help with that", "I cannot help with that") +
                           answered("The", "The", "length") + answered("10", "C") + answered("\uff21", "\uff21");
  const auto log = guess(often + once + answered("not A", "not A") + answered("C", "C"));
  ASSERT_TRUE(log) << log.error().message;
  std::vector<std::string> names;
  for (const auto& [name, count] : log->classes) names.push_back(name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("A", "B", "C", "not A"));
  EXPECT_EQ(log->unread_answers, 6U);
  const auto few = guess(answered("refund", "refund") + answered("refund status", "refund status"));
  ASSERT_TRUE(few) << few.error().message;
  EXPECT_EQ(few->classes.size(), 2U) << "nothing was seen often: nothing is an accident";
}

TEST_F(LogGuessTest, TokensThatAreNumbersBecomeWordsOfTheirClass) {
  const auto log = guess(answered("A", "token_id:7") + answered("B", "token_id:8") + answered("A", "token_id:7"));
  ASSERT_TRUE(log) << log.error().message;
  EXPECT_THAT(log->label_words, testing::UnorderedElementsAre(Pair("A", ElementsAre("token_id:7")),
                                                              Pair("B", ElementsAre("token_id:8"))));
  const auto shared = guess(answered("A", "token_id:7") + answered("B", "token_id:7"));
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_TRUE(shared->label_words.empty()) << "one token cannot name two classes";
}

TEST_F(LogGuessTest, AnswersThatListSpansAreATagTask) {
  std::string log;
  for (int i = 0; i < 10; ++i)
    log += R"({"prompt": "Anna )" + std::to_string(i) +
           R"(", "completion": "{\"entities\": [{\"type\": \"PER\", \"text\": \"Anna\"}]}"})" + "\n";
  const auto spans = guess(log);
  ASSERT_TRUE(spans) << spans.error().message;
  EXPECT_EQ(spans->task, spec::TaskKind::kTag);
  EXPECT_THAT(spans->classes, ElementsAre(Pair("O", 0U), Pair("B-PER", 10U), Pair("I-PER", 0U)));
}

// Twenty texts with a hesitation and a false start, and the same without.
struct EditedText {
  std::string text, target;
};
std::vector<EditedText> edited_texts() {
  std::vector<EditedText> texts;
  for (int i = 0; i < 20; ++i)
    texts.push_back(
        {fmt::format("show uh room {} no wait room {} now", i, i + 1), fmt::format("Show room {} now.", i + 1)});
  return texts;
}

TEST_F(LogGuessTest, TextsBesideTheSameWithoutSomeWordsAreAnEditTask) {
  std::string usual, others, classes;
  for (const auto& [text, target] : edited_texts()) {
    usual += fmt::format(R"({{"text": "{}", "target": "{}"}})", text, target) + "\n";
    others += fmt::format(R"({{"source": "app", "fluent": "{}", "spoken": "{}"}})", target, text) + "\n";
    classes += fmt::format(R"({{"text": "{}", "clean": "{}", "label": "{}"}})", text, target, text.size() % 2) + "\n";
  }
  for (const std::string& log : {usual, others}) {
    const auto found = guess(log);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->task, spec::TaskKind::kEdit);
    EXPECT_TRUE(found->has_gold);
    EXPECT_FALSE(found->has_teacher);
  }
  EXPECT_TRUE(guess(usual)->sources.at(0).fields.empty());
  EXPECT_THAT(guess(others)->sources.at(0).fields,
              testing::UnorderedElementsAre(Pair("text", "spoken"), Pair("target", "fluent")));
  EXPECT_EQ(guess(classes)->task, spec::TaskKind::kSingleLabel) << "a label of the usual name is what was asked for";
}

TEST_F(LogGuessTest, AnEditTaskThatIsNamedHasGold) {
  const spec::TaskKind edit = spec::TaskKind::kEdit;
  const auto found = guess_logs({folder_.write("log", "{\"text\": \"a uh b\", \"target\": \"c\"}\n")}, {.task = &edit});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->has_gold) << "rows that no deletion explains are ingest's to refuse";
}

TEST_F(LogGuessTest, APartOfTheTextIsNoEditedText) {
  std::string log;
  for (int i = 0; i < 20; ++i)
    log += fmt::format(R"({{"text": "the long story of king number {} of the north", "answer": "king number {}"}})", i,
                       i) +
           "\n";
  const auto found = guess(log);
  EXPECT_FALSE(found && found->task == spec::TaskKind::kEdit);
}

TEST_F(LogGuessTest, AnswersThatLeaveWordsOutAreAnEditTask) {
  std::string whole, requests, answers;
  int id = 0;
  for (const auto& [text, target] : edited_texts()) {
    const std::string prompt = "Rewrite without hesitations.\\nText: " + text;
    whole += fmt::format(R"({{"prompt": "{}", "completion": "\"{}\""}})", prompt, target) + "\n";
    requests += fmt::format(R"({{"custom_id": "r{}", "method": "POST", "url": "/v1/chat/completions", "body": )"
                            R"({{"model": "m", "messages": [{{"role": "user", "content": "{}"}}]}}}})",
                            ++id, prompt) +
                "\n";
    answers += fmt::format(R"({{"custom_id": "r{}", "response": {{"status_code": 200, "body": {{"choices": )"
                           R"([{{"index": 0, "message": {{"role": "assistant", "content": "{}"}}, )"
                           R"("finish_reason": "stop"}}]}}}}}})",
                           id, target) +
               "\n";
  }
  const auto one = guess(whole);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->task, spec::TaskKind::kEdit);
  EXPECT_FALSE(one->has_teacher);
  EXPECT_TRUE(one->has_gold);
  const std::string asked = folder_.write("requests", requests), answered = folder_.write("answers", answers);
  for (const std::vector<std::string>& order : {std::vector{asked, answered}, std::vector{answered, asked}}) {
    const auto two = guess_logs(order);
    ASSERT_TRUE(two) << two.error().message;
    EXPECT_EQ(two->task, spec::TaskKind::kEdit);
  }
}

TEST_F(LogGuessTest, AnswersThatAreNumbersBetweenZeroAndOneAreAScale) {
  const auto log = [](const char* low, const char* high) {
    std::string rows;
    for (int i = 0; i < 12; ++i)
      rows += fmt::format(R"({{"prompt": "how good is {}", "completion": "{}"}})", i, i % 3 == 0 ? low : high) + "\n";
    return rows;
  };
  const auto scale = guess(log("0.25", "1"));
  ASSERT_TRUE(scale) << scale.error().message;
  EXPECT_EQ(scale->task, spec::TaskKind::kScore);
  EXPECT_TRUE(scale->has_teacher);
  EXPECT_FALSE(scale->has_gold);
  EXPECT_EQ(guess(log("0", "1"))->task, spec::TaskKind::kSingleLabel);
  EXPECT_EQ(guess(log("75 %", "{\\\"score\\\": 0.5}"))->task, spec::TaskKind::kScore) << "however it is written";
}

TEST_F(LogGuessTest, SaysWhatItFoundInstead) {
  const auto log = guess(R"({"input_ids": [1], "compressed_logprobs": ["YWJj"]})");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kBadData);
  EXPECT_THAT(log.error().message, HasSubstr("DistillKit"));
  EXPECT_THAT(log.error().message, HasSubstr("log:1: ")) << "the refused document, with reason and fix";
  EXPECT_THAT(log.error().message, HasSubstr("Fix: log the answers' texts"));
  const auto rows = guess(R"({"alpha": 1, "beta": 2})");
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("rows with the fields \"alpha\", \"beta\""));
  const auto cut = guess(R"([{"text": "a", "alpha": 1}, {"text": "b")");
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().message, HasSubstr("log ends inside a JSON document"));
}

TEST(ShownRows, NameTheTypesOfSpans) {
  const auto labels = LabelSet::create({"O", "B-city", "B-person", "I-city", "I-person"}, {}, {}, spec::TaskKind::kTag);
  ASSERT_TRUE(labels) << labels.error().message;
  Record record;
  record.text = "Anna flew to Bonn";
  record.has_spans = true;
  record.spans = {{0, 4, 1}, {13, 17, 0}};
  EXPECT_EQ(shown_row(record, {}, *labels, spec::TaskKind::kTag).label, "person Anna 0-4, city Bonn 13-17");
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
