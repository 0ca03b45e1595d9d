#include "data/answers/read_answer.h"

#include <gmock/gmock.h>

#include "tests/support/data_logged_answer.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using tests::labels_of;
using tests::logged;
using tests::masses;
using Masses = std::map<std::string, double>;

LabelSet desks() {
  return labels_of({"billing", "delivery", "account", "other"},
                   {{"billing", {"A"}}, {"delivery", {"B"}}, {"account", {"C"}}, {"other", {"D"}}});
}

constexpr double kSmall = 1e-9;

void expect_near(const Masses& read, const Masses& right) {
  EXPECT_EQ(read.size(), right.size()) << testing::PrintToString(read);
  for (const auto& [name, probability] : right) {
    const auto found = read.find(name);
    ASSERT_TRUE(found != read.end()) << name << " not in " << testing::PrintToString(read);
    EXPECT_NEAR(found->second, probability, kSmall) << name;
  }
}

AnswerReading reading_of(const LoggedAnswer& answer, const LabelSet& labels, const AnswerOptions& options = {}) {
  const Checked<AnswerReading> reading = read_answer(answer, labels, options);
  const auto* bad = std::get_if<Rejection>(&reading);
  EXPECT_EQ(bad, nullptr) << reason_code(bad->reason) << ": " << bad->detail;
  return bad == nullptr ? std::get<AnswerReading>(reading) : AnswerReading{};
}

Masses refused(const char* code) { return {{std::string("refused: ") + code, 1}}; }

TEST(ReadAnswer, OneTokenWithItsAlternatives) {
  const LoggedAnswer answer =
      logged("A", {{"A", {{"A", .6}, {"B", .25}, {"D", .1}, {"C", .03}, {" A", .0004}, {"The", .0003}}}});
  expect_near(masses(answer, desks()), {{"billing", .6004}, {"delivery", .25}, {"other", .1}, {"account", .03}});
  const AnswerReading reading = reading_of(answer, desks());
  EXPECT_EQ(reading.from, AnswerReading::From::kTokens);
  EXPECT_NEAR(reading.mass, .9804, kSmall);
  EXPECT_EQ(reading.position, 0);
  EXPECT_TRUE(reading.agrees);
  EXPECT_EQ(reading.text_class, 0);
  EXPECT_EQ(reading.classes[0].class_index, 0) << "the most probable first";
}

TEST(ReadAnswer, TheNumbersComeFromWhereTheAnswerStands) {
  const LabelSet labels = desks();
  expect_near(masses(logged("\"A\"", {{"\"", {{"\"", .95}, {"B", .03}, {"A", .01}}},
                                      {"A", {{"A", .9}, {"B", .06}}},
                                      {"\"", {{"\"", .99}}}}),
                     labels),
              {{"billing", .9}, {"delivery", .06}});
  expect_near(masses(logged("The answer is A", {{"The", {{"The", .9}, {"B", .06}, {"A", .02}}},
                                                {" answer", {{" answer", 1}}},
                                                {" is", {{" is", 1}}},
                                                {" A", {{" A", .8}, {" B", .15}}}}),
                     labels),
              {{"billing", .8}, {"delivery", .15}});
  expect_near(
      masses(logged("**B**", {{"**", {{"**", .97}, {"B", .02}}}, {"B", {{"B", .9}, {"A", .08}}}, {"**", {{"**", 1}}}}),
             labels),
      {{"delivery", .9}, {"billing", .08}});
  expect_near(masses(logged("It is a B", {{"It", {{"It", .9}}},
                                          {" is", {{" is", 1}}},
                                          {" a", {{" a", .7}, {" clearly", .2}}},
                                          {" B", {{" B", .8}, {" A", .15}}}}),
                     labels),
              {{"delivery", .8}, {"billing", .15}});
}

TEST(ReadAnswer, TokensMayHaveMoreThanTheText) {
  const LabelSet labels = desks();
  const std::vector<tests::Position> thought = {{"<think>", {{"<think>", 1}}},  {"B", {{"B", .5}, {"The", .4}}},
                                                {" would", {{" would", 1}}},    {"</think>", {{"</think>", 1}}},
                                                {"B", {{"B", .9}, {"A", .05}}}, {"<|im_end|>", {{"<|im_end|>", 1}}}};
  for (const std::optional<std::string>& text :
       {std::optional<std::string>("B"), std::optional<std::string>("<think>B would</think>B"),
        std::optional<std::string>("</think>\nB"), std::optional<std::string>()}) {
    EXPECT_EQ(reading_of(logged(text, thought), labels).position, 4) << text.value_or("none");
    expect_near(masses(logged(text, thought), labels), {{"delivery", .9}, {"billing", .05}});
  }
  expect_near(
      masses(logged("A", {{"\uFFFD", {{"\uFFFD", .5}, {"\uFFFD", .3}}}, {"A", {{"A", .9}, {"B", .05}}}}), labels),
      {{"billing", .9}, {"delivery", .05}});
  expect_near(masses(logged("B - because of the address", {{"B", {{"B", .7}, {"A", .2}}}}), labels),
              {{"delivery", .7}, {"billing", .2}});
}

TEST(ReadAnswer, JsonAndToolCalls) {
  const LabelSet labels = desks();
  const std::vector<tests::Position> tokens = {
      {"{\"", {{"{\"", .99}}}, {"reason", {{"reason", .99}}},   {"\":", {{"\":", .99}}},
      {" \"", {{" \"", .99}}}, {"D", {{"D", .6}, {"the", .3}}}, {" would", {{" would", .99}}},
      {"\",", {{"\",", 1}}},   {" \"", {{" \"", 1}}},           {"label", {{"label", 1}}},
      {"\":", {{"\":", 1}}},   {" \"", {{" \"", 1}}},           {"C", {{"C", .9}, {"D", .05}}},
      {"\"}", {{"\"}", 1}}}};
  const char* text = R"({"reason": "D would", "label": "C"})";
  expect_near(masses(logged(text, tokens), labels), {{"account", .9}, {"other", .05}});
  EXPECT_EQ(reading_of(logged(text, tokens), labels).position, 11);
  expect_near(masses(logged(R"({"label": "C"})", {{"{\"label\":", {{"{\"label\":", 1}}},
                                                  {" \"C", {{" \"C", .9}, {" \"D", .05}, {" null", .01}}},
                                                  {"\"}", {{"\"}", 1}}}}),
                     labels),
              {{"account", .9}, {"other", .05}});
  expect_near(masses(logged(R"({"label":"billing"})",
                            {{"{\"label\":\"bill", {{"{\"label\":\"bill", .8}, {"{\"label\":\"del", .1}}},
                             {"ing", {{"ing", .9}, {"s", .1}}},
                             {"\"}", {{"\"}", 1}}}}),
                     labels),
              {{"billing", .72}, {"delivery", .1}});
}

TEST(ReadAnswer, WordsOfSeveralTokensAreMultiplied) {
  const LabelSet labels = labels_of({"refund", "refund_status", "cancel", "other"});
  expect_near(masses(logged("refund", {{"refund", {{"refund", .7}, {"cancel", .2}, {"other", .05}}}}), labels),
              {{"refund", .7}, {"cancel", .2}, {"other", .05}});
  expect_near(masses(logged("refund_status", {{"refund", {{"refund", .9}, {"cancel", .05}}},
                                              {"_status", {{"_status", .95}, {"", .04}}}}),
                     labels),
              {{"refund_status", .855}, {"refund", .036}, {"cancel", .05}});
  expect_near(masses(logged("cancel", {{"cancel", {{"cancel", .9}, {"refund", .06}}}}), labels),
              {{"cancel", .9}, {"refund", .06}});
  expect_near(masses(logged("refund_status", {{"ref", {{"ref", .9}, {"cancel", .05}}},
                                              {"und", {{"und", 1}}},
                                              {"_status", {{"_status", .9}, {"<end>", .1}}}}),
                     labels),
              {{"refund_status", .81}, {"refund", .09}, {"cancel", .05}});
  expect_near(masses(logged("refund", {{"ref", {{"ref", .9}, {"cancel", .05}}}, {"und", {{"und", 1}}}}), labels),
              {{"refund", .9}, {"cancel", .05}});
  for (const char* end : {"", "<|im_end|>", "</s>", "<eos>", "\n", ".", "\"", "}", " because"}) {
    expect_near(masses(logged("refund", {{"refund", {{"refund", .9}, {"canc", .05}, {"re", .03}}},
                                         {end, {{end, .6}, {"_status", .3}, {"s", .05}, {"!", .02}}}}),
                       labels),
                {{"refund", .9 * .62}, {"refund_status", .27}, {"cancel", .05}});
  }
}

TEST(ReadAnswer, NegationsThatAreClasses) {
  const LabelSet labels = labels_of({"spam", "not spam"});
  expect_near(
      masses(logged("not spam", {{"not", {{"not", .93}, {"leg", .04}}}, {" spam", {{" spam", .999}, {" Spam", .001}}}}),
             labels),
      {{"not spam", .93}});
  expect_near(masses(logged("spam", {{"spam", {{"spam", .96}, {"not", .03}}}}), labels),
              {{"spam", .96}, {"not spam", .03}});
  expect_near(masses(logged("not spam", {{"not", {{"not", .8}, {"spam", .19}}}, {" spam", {{" spam", .999}}}}), labels),
              {{"not spam", .7992}, {"spam", .19}});
  expect_near(
      masses(logged("not spam", {{"not", {{"not", .8}}}, {" spam", {{" spam", 1}}}}), labels_of({"spam", "ham"})),
      refused("negated_class"));
}

TEST(ReadAnswer, PieceMarksFullWidthAndCase) {
  const LabelSet labels = desks();
  expect_near(masses(logged("A", {{"▁A", {{"▁A", .9}, {"▁B", .05}}}}), labels), {{"billing", .9}, {"delivery", .05}});
  expect_near(masses(logged("A", {{"ĠA", {{"ĠA", .9}, {"B", .05}, {"Ċ", .01}}}}), labels),
              {{"billing", .9}, {"delivery", .05}});
  expect_near(masses(logged("Ａ", {{"Ａ", {{"Ａ", .9}, {"B", .05}}}}), labels), {{"billing", .9}, {"delivery", .05}});
  expect_near(masses(logged("a", {{"a", {{"a", .5}, {"A", .2}, {" a", .1}, {" B", .1}, {"\u0430", .05}}}}), labels),
              {{"billing", .8}, {"delivery", .1}});
  expect_near(
      masses(logged("billing", {{"bill", {{"bill", .8}, {"del", .1}}}, {"##ing", {{"##ing", .9}, {"##s", .1}}}}),
             labels),
      {{"billing", .72}, {"delivery", .1}});
  for (const std::optional<std::string>& text :
       {std::optional<std::string>("not spam"), std::optional<std::string>()}) {
    expect_near(masses(logged(text, {{"▁not", {{"▁not", .9}, {"▁spam", .1}}}, {"▁spam", {{"▁spam", .9}}}}),
                       labels_of({"spam", "not spam"})),
                {{"not spam", .81}, {"spam", .1}});
  }
  expect_near(masses(logged("M", {{"M", {{"M", .6}, {"m", .3}}}}), labels_of({"m", "M"})), {{"M", .6}, {"m", .3}});
  expect_near(
      masses(logged("Refund Status", {{"refund", {{"refund", .8}, {"cancel", .1}}}, {"_status", {{"_status", 1}}}}),
             labels_of({"refund", "refund_status", "cancel"})),
      {{"refund_status", .8}, {"cancel", .1}});
}

TEST(ReadAnswer, TokensThatAreNumbers) {
  const std::vector<tests::Position> ids = {{"token_id:362", {{"token_id:362", .9}, {"token_id:425", .05}}}};
  const LabelSet labels =
      labels_of({"billing", "delivery"}, {{"billing", {"A", "token_id:362"}}, {"delivery", {"B", "token_id:425"}}});
  expect_near(masses(logged("A", ids), labels), {{"billing", .9}, {"delivery", .05}});
  const Checked<AnswerReading> reading = read_answer(logged("A", ids), desks(), AnswerOptions{});
  const auto& bad = std::get<Rejection>(reading);
  EXPECT_EQ(bad.reason, Reason::kTokensDoNotSpellAnswer);
  EXPECT_THAT(bad.detail, HasSubstr("return_tokens_as_token_ids"));
  const AnswerReading label = reading_of(logged("A", ids), desks(), {.labels_only_allowed = true});
  EXPECT_EQ(label.from, AnswerReading::From::kText);
  EXPECT_THAT(label.mass, 1);
}

// A log without the tokens' bytes writes U+FFFD for a character that lies in two tokens.
TEST(ReadAnswer, CharactersCutBetweenTokens) {
  const LabelSet labels = labels_of({"退款", "жалоба", "other"});
  expect_near(masses(logged("退款", {{"\uFFFD", {{"\uFFFD", .8}, {"other", .1}}},
                                     {"\uFFFD", {{"\uFFFD", .9}}},
                                     {"款", {{"款", .5}, {"货", .4}}},
                                     {"<eos>", {{"<eos>", .7}}}}),
                     labels),
              {{"退款", .36}, {"other", .1}});
  expect_near(
      masses(logged("жалоба", {{"жал\uFFFD", {{"жал\uFFFD", .8}, {"other", .1}}}, {"\uFFFDба", {{"\uFFFDба", .9}}}}),
             labels),
      {{"жалоба", .72}, {"other", .1}});
  expect_near(
      masses(logged("жалоба", {{"жал\uFFFD", {{"жал\uFFFD", .8}, {"other", .1}}}, {"аба", {{"аба", .9}}}}), labels),
      refused("tokens_do_not_spell_answer"));
}

// Many classes, some of which begin others, as intents are named.
TEST(ReadAnswer, ManyClassesWithCommonBeginnings) {
  std::vector<std::string> names = {"card_declined",
                                    "card",
                                    "what_is_your_name",
                                    "what_are_your_hobbies",
                                    "change_user_name",
                                    "not_applicable",
                                    "other",
                                    "yes",
                                    "1",
                                    "10"};
  for (int i = 0; i < 140; ++i) names.push_back("intent_" + std::to_string(i));
  const LabelSet labels = labels_of(names);
  expect_near(masses(logged("card_declined", {{"card", {{"card", .9}, {"change", .05}, {"what", .02}, {"c", .01}}},
                                              {"_de", {{"_de", .7}, {"", .2}, {" is", .05}, {"_x", .01}}},
                                              {"clined", {{"clined", .9}, {"bit", .1}}}}),
                     labels),
              {{"card_declined", .9 * .7 * .9}, {"card", .9 * .25}, {"change_user_name", .05}});
  expect_near(masses(logged("intent_1", {{"intent", {{"intent", .9}, {"not", .05}}},
                                         {"_", {{"_", 1}}},
                                         {"1", {{"1", .6}, {"10", .3}, {"2", .05}}},
                                         {"\n", {{"\n", .5}, {"3", .4}}}}),
                     labels),
              {{"intent_1", .9 * .6 * .5},
               {"intent_13", .9 * .6 * .4},
               {"intent_10", .27},
               {"intent_2", .045},
               {"not_applicable", .05}});
  expect_near(masses(logged("10", {{"1", {{"1", .9}, {"yes", .05}}}, {"0", {{"0", .8}, {"", .1}}}}), labels),
              {{"10", .72}, {"1", .09}, {"yes", .05}});
  expect_near(masses(logged("The intent is \"what is your name\".", {{"The", {{"The", .9}, {"card", .1}}},
                                                                     {" intent is \"", {{" intent is \"", 1}}},
                                                                     {"what", {{"what", .8}, {"card", .1}}},
                                                                     {" is your name\".", {{" is your name\".", 1}}}}),
                     labels),
              {{"what_is_your_name", .8}, {"card", .1}});
}

TEST(ReadAnswer, ValuesAreCheckedWhereTheyAreUsed) {
  const LabelSet labels = desks();
  expect_near(masses(logged("A", {{"A", {{"A", .4}, {"A", .4}, {"B", .15}}}}), labels),
              {{"billing", .4}, {"delivery", .15}});
  expect_near(masses(logged("A", {{"A", {{"A", .8}, {"A", .8}, {"B", .15}}}}), labels),
              {{"billing", .8}, {"delivery", .15}});
  expect_near(masses(logged("A", {{"A", {{"A", .9}, {"B", 0}}}}), labels), {{"billing", .9}});
  expect_near(masses(logged("A", {{"A", {}, .9}}), labels), {{"billing", .9}});
  expect_near(masses(logged("A", {{"A", {{"A", 1}, {"B", 1}}}}), labels), refused("sum_above_one"));
  expect_near(masses(logged("A", {{"A", {{"A", .6004}, {"B", .4001}}}}), labels),
              {{"billing", .6004 / 1.0005}, {"delivery", .4001 / 1.0005}});
  LoggedAnswer answer = logged("A", {{"A", {{"A", .6}, {"B", .25}, {"D", .1}, {"C", .05}}}});
  answer.alternatives[3].logprob = -9999;
  expect_near(masses(answer, labels), {{"billing", .6}, {"delivery", .25}, {"other", .1}});
  answer.alternatives[3].logprob = -3.4e38;
  EXPECT_EQ(masses(answer, labels).size(), 3U);
  answer.alternatives[3].logprob = std::nan("");
  expect_near(masses(answer, labels), refused("not_finite"));
  answer.alternatives[3].logprob = 2;
  expect_near(masses(answer, labels), refused("positive_logprob"));
  for (std::size_t i = 0; i < 4; ++i) answer.alternatives[i].logprob = .2;
  answer.positions[0].logprob = .2;
  expect_near(masses(answer, labels), refused("probabilities_as_logprobs"));
}

TEST(ReadAnswer, TheSampledTokenBelongsToItsList) {
  const LabelSet labels = desks();
  const LoggedAnswer unlisted = logged("C", {{"C", {{"A", .6}, {"B", .25}}, 0}});
  expect_near(masses(unlisted, labels), {{"billing", .6}, {"delivery", .25}});
  EXPECT_FALSE(reading_of(unlisted, labels).agrees);
  expect_near(masses(logged("C", {{"C", {{"A", .6}, {"B", .25}}, .1}}), labels),
              {{"billing", .6}, {"delivery", .25}, {"account", .1}});
  expect_near(masses(logged("C", {{"C", {{"A", .2}, {"B", .1}}, .7}}), labels), refused("tokens_do_not_spell_answer"));
  expect_near(masses(logged("C", {{"C", {{"\":", 1}, {"A", 1e-9}}, 0}}), labels),
              refused("tokens_do_not_spell_answer"));
  expect_near(masses(logged("A", {{"A", {{"▁A", .7}, {"▁B", .1}}, .7}}), labels), {{"billing", .7}, {"delivery", .1}});
  EXPECT_TRUE(reading_of(logged("A", {{"A", {{"A", .6}, {"B", .25}}}}), labels).agrees);
  EXPECT_FALSE(reading_of(logged("B", {{"B", {{"A", .6}, {"B", .25}}}}), labels).agrees);
}

TEST(ReadAnswer, WhatIsNoAnswerIsRefusedByName) {
  const LabelSet labels = desks();
  expect_near(
      masses(logged("I cannot help", {{"I", {{"I", .999}, {"A", 1e-6}}}, {" cannot", {{" cannot", 1}}}}), labels),
      refused("teacher_refused"));
  LoggedAnswer answer = logged("A", {{"A", {{"A", .9}}}});
  answer.refused = true;
  expect_near(masses(answer, labels), refused("teacher_refused"));
  expect_near(masses(logged("A", {{"A", {{"A", .9}}}}, "content_filter"), labels), refused("answer_filtered"));
  expect_near(masses(logged("", {}, "SAFETY"), labels), refused("answer_filtered"));
  expect_near(masses(logged("The answer", {{"The", {{"The", .9}}}}, "length"), labels), refused("answer_cut"));
  expect_near(masses(logged("<think>A or", {}, "stop"), labels), refused("answer_cut"));
  expect_near(masses(logged("bill", {{"bill", {{"bill", .9}}}}, "max_tokens"), labels), refused("answer_cut"));
  expect_near(masses(logged("A", {{"A", {{"A", .9}}}}, "length"), labels), {{"billing", .9}});
  const LabelSet refunds = labels_of({"refund", "refund_status"});
  expect_near(masses(logged("refund", {{"refund", {{"refund", .9}}}}, "length"), refunds), refused("answer_cut"));
  expect_near(masses(logged("refund.", {{"refund", {{"refund", .9}}}, {".", {{".", 1}}}}, "length"), refunds),
              {{"refund", .9}});
  expect_near(masses(logged(std::nullopt), labels), refused("no_class_in_answer"));
  expect_near(masses(logged("A"), labels), refused("missing_logprobs"));
}

TEST(ReadAnswer, ALowMassOfTheClassesIsRefused) {
  std::vector<std::string> names;
  for (int i = 0; i < 77; ++i) names.push_back("class_" + std::to_string(i) + "_");
  const LabelSet many = labels_of(names);
  std::vector<tests::Alternative> flat;
  for (int i = 0; i < 5; ++i) flat.push_back({names[static_cast<std::size_t>(i)], 1.0 / 77});
  EXPECT_NEAR(reading_of(logged(names[0], {{names[0], flat}}), many).mass, 5.0 / 77, kSmall);
  EXPECT_NEAR(reading_of(logged(names[0], {{names[0], {flat[0]}}}), many).mass, 1.0 / 77, kSmall);
  expect_near(masses(logged("A", {{"A", {{"The", .99}, {"A", 1e-3}}}}), desks()), refused("low_class_mass"));
  EXPECT_NEAR(reading_of(logged("A", {{"A", {{"The", .99}, {"A", 1e-3}}}}), desks(), {.min_class_mass = 0}).mass, 1e-3,
              kSmall);
  expect_near(masses(logged("A", {{"A", {{"The", .9}, {"A", 0}}}}), desks(), {.min_class_mass = 0}),
              refused("low_class_mass"));
}

TEST(ReadAnswer, OnlyTheMostProbableClassesAreKept) {
  const AnswerReading reading =
      reading_of(logged("A", {{"A", {{"A", .5}, {"B", .2}, {"C", .2}, {"D", .05}}}}), desks(), {.top_k = 2});
  ASSERT_EQ(reading.classes.size(), 2U);
  EXPECT_EQ(reading.classes[1].class_index, 1) << "of two equal ones the lower class";
  EXPECT_NEAR(reading.mass, .95, kSmall);
}

TEST(ReadAnswer, LabelsWhereThereIsNothingElse) {
  const LabelSet labels = desks();
  const AnswerOptions options{.labels_only_allowed = true};
  expect_near(masses(logged(" B."), labels, options), {{"delivery", 1}});
  EXPECT_EQ(reading_of(logged(" B."), labels, options).from, AnswerReading::From::kText);
  const AnswerReading confident = reading_of(logged(R"({"label": "delivery", "confidence": 0.9})"), labels, options);
  EXPECT_EQ(confident.from, AnswerReading::From::kConfidence);
  EXPECT_NEAR(confident.mass, .9, kSmall);
  LoggedAnswer beside = logged("billing");
  beside.confidence = .7;
  expect_near(masses(beside, labels, options), {{"billing", .7}});
  beside.confidence = 70;
  const AnswerReading unread = reading_of(beside, labels, options);
  EXPECT_TRUE(unread.confidence_unread);
  EXPECT_EQ(unread.from, AnswerReading::From::kText);
}

TEST(ReadAnswer, AReusedReadingIsReadAnew) {
  AnswerReading reading;
  EXPECT_FALSE(read_answer(logged("B", {{"\"", {{"\"", 1}}}, {"B", {{"A", .6}, {"B", .3}}}}), desks(), {}, reading));
  EXPECT_FALSE(read_answer(logged("C", {{"C", {{"C", .5}}}}), desks(), {}, reading));
  ASSERT_EQ(reading.classes.size(), 1U);
  EXPECT_EQ(reading.classes[0].class_index, 2);
  EXPECT_NEAR(reading.mass, .5, kSmall);
  EXPECT_TRUE(reading.agrees);
}

// Lists as long as a vocabulary, answers without an end.
TEST(ReadAnswer, HostileAnswersTakeLinearTime) {
  std::vector<tests::Alternative> many = {{"A", .5}};
  for (int i = 0; i < 100'000; ++i) many.push_back({"x" + std::to_string(i), 1e-6});
  expect_near(masses(logged("A", {{"A", many}}), desks()), {{"billing", .5}});
  std::vector<tests::Position> positions(100'000, {"* ", {{"* ", 1}}});
  positions.push_back({"B", {{"B", .9}}});
  expect_near(masses(logged("B", positions), desks()), {{"delivery", .9}});
}

}  // namespace
}  // namespace noggin::data
