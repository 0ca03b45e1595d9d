// A row of a table that is passed over would have found nothing.
#include "data/json/first_names.h"

#include <gtest/gtest.h>

#include <random>

namespace noggin::data {
namespace {

TEST(FirstNames, NothingThatIsPassedOverWouldBeFound) {
  std::mt19937 random(1);
  const auto name = [&random] { return "n" + std::to_string(random() % 90); };  // more than there are bits
  FirstNames names;
  std::vector<std::pair<JsonPaths, FirstNames::Set>> rows;
  for (int i = 0; i < 200; ++i) {
    const JsonPaths paths(i % 3 == 0 ? name() : i % 3 == 1 ? name() + "|" + name() + ".a" : name() + "[0]");
    rows.emplace_back(paths, names.add(paths));
  }
  EmbeddedJson inner;
  int found = 0, passed = 0;
  for (int i = 0; i < 300; ++i) {
    std::string document = "{\"other\": 1";
    for (int k = 0; k < 4; ++k)
      document += ", \"" + name() + "\": " + (k == 0 ? "null" : k == 1 ? "[1]" : "{\"a\": 1}");
    simdjson::dom::parser parser;
    const JsonValue root = parser.parse(document + "}");
    const FirstNames::Set has = names.in(root);
    for (const auto& [paths, begins] : rows) {
      const bool finds = paths.find(root, inner).has_value();
      EXPECT_TRUE(!finds || (has & begins) != 0) << document;
      found += finds ? 1 : 0;
      passed += (has & begins) == 0 ? 1 : 0;
    }
  }
  EXPECT_GT(found, 500);
  EXPECT_GT(passed, 30'000) << "and most are";
}

TEST(FirstNames, WhatDoesNotBeginWithANameIsNeverPassedOver) {
  FirstNames names;
  for (const char* paths : {".", "[0].a", "a|[0]"}) EXPECT_EQ(names.add(JsonPaths(paths)), FirstNames::kAny) << paths;
  simdjson::dom::parser parser;
  for (const char* document : {"[]", "\"{}\"", "1"})
    EXPECT_EQ(names.in(parser.parse(std::string(document))), FirstNames::kAny);
  EXPECT_EQ(names.in(parser.parse(std::string("{\"\": 1, \"x\": 1}"))), 0U);
}

}  // namespace
}  // namespace noggin::data
