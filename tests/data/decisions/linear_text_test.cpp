#include "data/decisions/linear_text.h"

#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using test_decisions::Json;

std::string text_of(const std::string& json, InputField field = InputField::kState, bool parse = false) {
  const Json input(json);
  const Checked<std::string> text = linear_text(input, json, field, {.parse_json = parse});
  if (const auto* bad = std::get_if<Rejection>(&text)) return "refused: " + std::string(reason_code(bad->reason));
  return std::get<std::string>(text);
}

TEST(LinearText, AStringIsItself) {
  EXPECT_EQ(text_of(R"("  a\nb ")"), "  a\nb ");
  EXPECT_EQ(text_of(R"("[1]")"), "[1]");
  EXPECT_EQ(text_of(R"("")"), "refused: empty_text");
}

TEST(LinearText, LeavesHaveTheirPathsInTheOrderSent) {
  EXPECT_EQ(text_of(R"({"title": "Atlas", "tags": ["old", "big"], "loan": {"days": 14, "renewed": false}})"),
            "title: Atlas\ntags.0: old\ntags.1: big\nloan.days: 14\nloan.renewed: false");
  EXPECT_EQ(text_of(R"(["x", {"b": "y", "a": "z"}])"), "0: x\n1.b: y\n1.a: z");
  EXPECT_EQ(text_of(R"({"a": null, "b": "", "c": {}, "d": [], "e": [null, "f"]})"), "e.1: f");
  EXPECT_EQ(text_of(R"({"a": null})"), "refused: empty_text");
}

TEST(LinearText, NumbersKeepTheirCharacters) {
  EXPECT_EQ(text_of(R"({"price": 1.50, "n": 1e3, "m": 2E-07, "z": -0, "k": 4, "s": "2.50"})"),
            "price: 1.50\nn: 1e3\nm: 2E-07\nz: -0\nk: 4\ns: 2.50");
  EXPECT_EQ(text_of(R"({"big": 1.0, "bigger": 18446744073709551615})"), "big: 1.0\nbigger: 18446744073709551615");
}

TEST(LinearText, NumbersAreFoundInTheDocumentThatHoldsTheInput) {
  const std::string line =
      R"({"meta": {"state": {"price": 1.5}, "x": 2.0}, "note": "\"state\": {\"price\": 9.00}", )"
      R"("request": {"questions": {}, "state" : {"price": 2.50, "text": "say \"3.00\"", "n": [1.0, 1e1]}}})";
  const Json document(line);
  const JsonValue state = JsonValue(document)["request"]["state"];
  EXPECT_EQ(std::get<std::string>(linear_text(state, line, InputField::kState)),
            "price: 2.50\ntext: say \"3.00\"\nn.0: 1.0\nn.1: 1e1");
  EXPECT_EQ(std::get<std::string>(linear_text(state, "", InputField::kState)),
            "price: 2.5\ntext: say \"3.00\"\nn.0: 1.0\nn.1: 10.0");
}

TEST(LinearText, MessagesAreSeparatedByEmptyLines) {
  EXPECT_EQ(text_of(R"([{"role": "user", "content": "one"}, {"role": "user", "content": "two"}])"), "one\n\ntwo");
  EXPECT_EQ(text_of(R"([{"role": "user", "content": "one"}, {"content": "two", "role": "assistant"}])"),
            "user: one\n\nassistant: two");
  EXPECT_EQ(text_of(R"([{"role": "user", "content": [{"type": "input_text", "text": "a"},
                                                     {"type": "input_text", "text": "b"}]}])"),
            "a\nb");
  EXPECT_EQ(text_of(R"([{"role": "assistant", "content": null, "id": 7,
                         "tool_calls": [{"function": {"name": "find", "arguments": {"shelf": 2.0}}}]},
                        {"role": "tool", "content": "none"}])"),
            "assistant: tool_calls.0.function.name: find\ntool_calls.0.function.arguments.shelf: 2.0\n\ntool: none");
}

TEST(LinearText, PartsOfAnInputAreText) {
  const std::string parts = R"([{"type": "text", "text": "a"}, {"text": "b"}])";
  EXPECT_EQ(text_of(parts, InputField::kInput), "a\nb");
  EXPECT_EQ(text_of(parts, InputField::kState), "0.type: text\n0.text: a\n1.text: b");  // a state is data
  EXPECT_EQ(text_of(R"([{"type": "order", "amount": 3}])", InputField::kInput), "0.type: order\n0.amount: 3");
}

TEST(LinearText, RefusesMediaWhereverTheyStand) {
  EXPECT_EQ(text_of(R"([{"type": "input_image", "image_url": "data:"}, {"type": "input_text", "text": "what is it"}])",
                    InputField::kInput),
            "refused: media_input");
  EXPECT_EQ(text_of(R"([{"role": "user", "content": [{"type": "input_audio", "data": ""}]}])"), "refused: media_input");
  EXPECT_EQ(text_of(R"([{"inline_data": {"mime_type": "image/png", "data": ""}}])", InputField::kInput),
            "refused: media_input");
}

TEST(LinearText, JsonInAStringIsReadOnlyIfWanted) {
  const std::string json = R"("{\"title\": \"Atlas\", \"price\": 1.50}")";
  EXPECT_EQ(text_of(json, InputField::kInput), R"({"title": "Atlas", "price": 1.50})");
  EXPECT_EQ(text_of(json, InputField::kInput, true), "title: Atlas\nprice: 1.50");
  EXPECT_EQ(text_of(json, InputField::kState, true), R"({"title": "Atlas", "price": 1.50})");
  EXPECT_EQ(text_of(R"("{not json")", InputField::kInput, true), "{not json");
}

TEST(LinearText, RefusesWhatHasNoOneMeaning) {
  EXPECT_EQ(text_of("7"), "refused: wrong_type");
  EXPECT_EQ(text_of("true"), "refused: wrong_type");
  EXPECT_EQ(text_of(R"({"a": 1, "b": {"c": 1, "c": 2}})"), "refused: repeated_field");
  std::string deep = "\"x\"";
  for (int i = 0; i < 65; ++i) deep = "[" + deep + "]";
  EXPECT_EQ(text_of(deep), "refused: too_deep");
  EXPECT_NE(text_of(deep.substr(1, deep.size() - 2)), "refused: too_deep");
}

TEST(LinearText, RefusesHalvesOfPairsButNotReplacementCharacters) {
  JsonRow row;
  const auto text_of_line = [&](const std::string& json) {
    std::string padded = json;
    padded.reserve(json.size() + kLinePadding);
    const Checked<JsonValue> root = row.parse(Line{.text = padded});
    return linear_text(std::get<JsonValue>(root), json, InputField::kState);
  };
  const Checked<std::string> half = text_of_line(R"("cut \ud83d")");
  ASSERT_TRUE(std::holds_alternative<Rejection>(half));
  EXPECT_EQ(std::get<Rejection>(half).reason, Reason::kLoneSurrogate);
  EXPECT_EQ(std::get<std::string>(text_of_line(R"("whole \ud83d\ude00, lost \ufffd")")),
            "whole \xF0\x9F\x98\x80, lost \xEF\xBF\xBD");
}

}  // namespace
}  // namespace noggin::data
