#include "data/guess/field_guess.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace noggin::data {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

// What is guessed of 30 documents of two classes; make(i, text, class, its probability).
FieldGuess guess_of(const std::function<Json(int, const std::string&, const std::string&, double)>& make) {
  FieldFinder finder;
  simdjson::dom::parser parser;
  for (int i = 0; i < 30; ++i) {
    const std::string json =
        make(i, fmt::format("my order number {} is late", i), i % 2 == 0 ? "late" : "lost", 0.6 + 0.01 * i).dump();
    finder.look_at(parser.parse(json).value());
  }
  return finder.guess();
}

TEST(FieldGuess, FindsATextAndAClassWhereverTheyStand) {
  const FieldGuess guess = guess_of([](int i, const std::string& text, const std::string& name, double) -> Json {
    return {{"uid", i},
            {"meta", {{"model", i % 3 == 0 ? "big" : "small"}, {"note", "the same for all rows of it"}}},
            {"fields", {{"customer_text", text}}},
            {"suggestions", {{"category", {{"value", name}, {"agent", "x"}}}}}};
  });
  EXPECT_EQ(guess.text, "fields.customer_text");
  EXPECT_EQ(guess.label, "suggestions.category.value");
  EXPECT_EQ(guess.id, "uid");
  EXPECT_THAT(guess.probs, IsEmpty());
  EXPECT_THAT(guess.classes, ElementsAre(std::pair("late", 15), std::pair("lost", 15)));
}

TEST(FieldGuess, TakesTheTextThatSpansAreOf) {
  const FieldGuess guess = guess_of([](int i, const std::string& text, const std::string&, double) -> Json {
    return {
        {"masked_and_longer", "my order number {{number of the order}} is late, " + std::to_string(i)},
        {"full_text", text},
        {"found",
         {{{"entity_type", "N"}, {"entity_value", std::to_string(i)}, {"start", 16}, {"end", 17}},
          {{"entity_type", "V"}, {"entity_value", "order number " + std::to_string(i)}, {"start", 3}, {"end", 17}}}}};
  });
  EXPECT_EQ(guess.text, "full_text");
  EXPECT_EQ(guess.spans, "found");
}

TEST(FieldGuess, LooksIntoListsOfOne) {
  const FieldGuess one = guess_of([](int i, const std::string& text, const std::string& name, double) -> Json {
    return {{"body", text}, {"answer", "accept"}, {"accept", {name}}, {"n", {i, i + 1}}};
  });
  EXPECT_EQ(one.label, "accept[0]");
  const FieldGuess several = guess_of([](int, const std::string& text, const std::string& name, double) -> Json {
    return {{"body", text}, {"topics", {name, "other"}}};
  });
  EXPECT_THAT(several.label, IsEmpty()) << "is not one class";
}

TEST(FieldGuess, TakesWhatIsSureOfAClassForATeachersAnswer) {
  const FieldGuess guess = guess_of([](int, const std::string& text, const std::string& name, double p) -> Json {
    return {{"queryText", text}, {"result", {{"intent", name}, {"intentConfidence", p}, {"latency", 3.5}}}};
  });
  EXPECT_EQ(guess.text, "queryText");
  EXPECT_EQ(guess.label, "result.intent");
  EXPECT_EQ(guess.confidence, "result.intentConfidence");
  const FieldGuess above = guess_of([](int, const std::string& text, const std::string& name, double p) -> Json {
    return {{"queryText", text}, {"intent", {{"displayName", name}}}, {"intentDetectionConfidence", p}};
  });
  EXPECT_EQ(above.label, "intent.displayName");
  EXPECT_EQ(above.confidence, "intentDetectionConfidence");
}

TEST(FieldGuess, PrefersADistributionToItsBestClass) {
  const FieldGuess ranked = guess_of([](int, const std::string& text, const std::string& name, double p) -> Json {
    const std::string other = name == "late" ? "lost" : "late";
    return {{"query", text},
            {"prediction",
             {{"topIntent", name},
              {"intents", Json::array({{{"category", name}, {"confidenceScore", p}},
                                       {{"category", other}, {"confidenceScore", 1.0 - p}}})}}}};
  });
  EXPECT_EQ(ranked.probs, "prediction.intents");
  EXPECT_THAT(ranked.label, IsEmpty());
  EXPECT_THAT(ranked.classes, ElementsAre(Key("late"), Key("lost")));
  const FieldGuess lists = guess_of([](int, const std::string& text, const std::string& name, double p) -> Json {
    return {{"instance", {{"content", text}}},
            {"gold", name},
            {"prediction", {{"displayNames", {"late", "lost"}}, {"confidences", {p, 1.0 - p}}}}};
  });
  EXPECT_EQ(lists.text, "instance.content");
  EXPECT_EQ(lists.probs, "prediction");
  EXPECT_EQ(lists.label, "gold") << "stands apart from the distribution";
}

TEST(FieldGuess, FindsADistributionInSeveralColumns) {
  const FieldGuess guess = guess_of([](int i, const std::string& text, const std::string&, double p) -> Json {
    return {{"nr", std::to_string(i)},
            {"comment", text},
            {"prob_late", fmt::format("{}", p)},
            {"prob_lost", fmt::format("{}", 1.0 - p)}};
  });
  EXPECT_EQ(guess.text, "comment");
  EXPECT_EQ(guess.probs, "prob_*");
  EXPECT_THAT(guess.classes, ElementsAre(Key("late"), Key("lost")));
}

TEST(FieldGuess, FindsSpansByTheirShape) {
  const FieldGuess guess = guess_of([](int i, const std::string& text, const std::string&, double) -> Json {
    Json spans = Json::array();
    if (i % 3 > 0) spans.push_back({{"Type", "NUMBER"}, {"BeginOffset", 3}, {"EndOffset", 8}, {"Score", 0.9}});
    return {{"item", {{"value", text}}}, {"result", {{"Entities", spans}}}};
  });
  EXPECT_EQ(guess.text, "item.value");
  EXPECT_EQ(guess.spans, "result.Entities");
  EXPECT_THAT(guess.classes, ElementsAre(std::pair("NUMBER", 20)));
}

TEST(FieldGuess, ClaimsNothingWhereThereIsNothing) {
  const FieldGuess numbers = guess_of([](int i, const std::string&, const std::string&, double p) -> Json {
    return {{"a", i}, {"b", p}, {"c", fmt::format("id-{}", i)}};
  });
  EXPECT_THAT(numbers.text, IsEmpty());
  const FieldGuess text = guess_of([](int i, const std::string& words, const std::string&, double) -> Json {
    return {{"words", words}, {"hash", fmt::format("{:x}", i * 7919)}, {"model", i % 2 == 0 ? "a" : "b"}};
  });
  EXPECT_EQ(text.text, "words");
  EXPECT_THAT(text.label, IsEmpty());
  EXPECT_THAT(text.probs, IsEmpty());
}

}  // namespace
}  // namespace noggin::data
