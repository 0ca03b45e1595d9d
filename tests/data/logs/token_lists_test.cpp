// What is read of one listed token, however its fields stand. Whole lists are in families_test.cpp.
#include "data/logs/token_lists.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace noggin::data {
namespace {

// "token=logprob " of each alternative of the one position; or why it was refused.
std::string alternatives(const std::string& list) {
  JsonRow json;
  const auto root = json.parse_copy(R"([{"token": "s", "logprob": -1, "top_logprobs": )" + list + "}]");
  LoggedAnswer answer;
  if (const Trouble trouble = read_token_lists({.tokens = std::get<JsonValue>(root)}, answer)) return trouble->detail;
  std::string told;
  for (const ListedToken& token : answer.alternatives)
    told.append(token.token)
        .append("=")
        .append(std::isinf(token.logprob) ? "none" : std::to_string(token.logprob))
        .append(" ");
  return told;
}

TEST(TokenLists, FieldsMayStandInAnyOrder) {
  EXPECT_EQ(alternatives(R"([{"token": "a", "logprob": -0.5, "bytes": [97]}])"), "a=-0.500000 ");
  EXPECT_EQ(alternatives(R"([{"bytes": [97], "logprob": -2, "token": "a"}])"), "a=-2.000000 ");
  EXPECT_EQ(alternatives(R"([{"text": "b", "prob": 0.1, "token": "a", "logprob": -2}])"), "a=-2.000000 ");
  EXPECT_EQ(alternatives(R"([{"logProbability": -3, "logprob": -2, "text": "b"}])"), "b=-2.000000 ");
}

TEST(TokenLists, TheFirstOfTwoFieldsCounts) {
  EXPECT_EQ(alternatives(R"([{"token": "a", "token": "b", "logprob": -2, "logprob": -3}])"), "a=-2.000000 ");
}

TEST(TokenLists, WhatIsNotUsualIsReadAllTheSame) {
  EXPECT_EQ(alternatives(R"([{"token": "a", "logprob": null}])"), "a=none ");
  EXPECT_EQ(alternatives(R"([{"token": "a", "logprob": "-0.5"}])"), "a=-0.500000 ");
  EXPECT_EQ(alternatives(R"([{"token": null, "id": 7, "logprob": -1}])"), "token_id:7=-1.000000 ");
  EXPECT_EQ(alternatives(R"([{"token": "\ufffd", "logprob": -1, "bytes": [195]}])"), "\xC3=-1.000000 ");
  EXPECT_EQ(alternatives(R"([{"token": "a"}])"), "logprob of a token");
  EXPECT_EQ(alternatives(R"([{"logprob": -1}])"), "token of a logprob");
}

}  // namespace
}  // namespace noggin::data
