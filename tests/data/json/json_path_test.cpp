#include "data/json/json_path.h"

#include <gtest/gtest.h>

namespace noggin::data {
namespace {

std::string at(const std::string& document, const std::string& path) {
  simdjson::dom::parser parser;
  EmbeddedJson inner;
  const Result<JsonPath> parsed = JsonPath::parse(path);
  if (!parsed) return "error: " + parsed.error().message;
  const auto found = parsed->find(parser.parse(document), inner);
  return found ? simdjson::minify(*found) : "nothing";
}

TEST(JsonPath, FindsFieldsElementsAndMatches) {
  const std::string document =
      R"({"body": {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}, "a.b": 1})";
  EXPECT_EQ(at(document, "body.messages[-1].content"), "\"u\"");
  EXPECT_EQ(at(document, "body.messages[0].content"), "\"s\"");
  EXPECT_EQ(at(document, "body.messages[role=user].content"), "\"u\"");
  EXPECT_EQ(at(document, "\"a.b\""), "1");
  for (const char* path : {"body.messages[2]", "body.messages[-3]", "body.none", "a", "body.messages.role", "body[0]"})
    EXPECT_EQ(at(document, path), "nothing") << path;
}

TEST(JsonPath, LooksThroughStringsThatHoldJson) {
  EXPECT_EQ(at(R"({"output": "{\"choices\": [{\"text\": \"A\"}]}"})", "output.choices[0].text"), "\"A\"");
  EXPECT_EQ(at(R"({"output": "[[1], [2]]"})", "output[1][0]"), "2");
  EXPECT_EQ(at(R"({"output": "{not json}"})", "output.choices"), "nothing");
}

TEST(JsonPath, ReadsListsOfPairsAsObjects) {
  const std::string span = R"({"attributes": [{"key": "gen_ai.prompt", "value": {"stringValue": "hi"}},
                                              {"key": "n", "value": {"intValue": "3"}}, {"key": "z", "value": null}]})";
  EXPECT_EQ(at(span, "attributes.\"gen_ai.prompt\""), "\"hi\"");
  EXPECT_EQ(at(span, "attributes.n"), "\"3\"");
  EXPECT_EQ(at(span, "attributes.z"), "nothing");
}

TEST(JsonPath, SaysWhereItIsNoPath) {
  for (const char* path : {"", ".", "a.", "a..b", "a[", "a[x]", "a[=x]", "\"a", "a[1]b"})
    EXPECT_TRUE(at("{}", path).starts_with("error: ")) << path << ": " << at("{}", path);
}

}  // namespace
}  // namespace noggin::data
