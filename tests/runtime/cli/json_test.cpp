#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>

#include "bytes/float_hash.h"
#include "bytes/hex.h"
#include "cli/parity.h"
#include "prediction/json_writer.h"
#include "streams/json_reader.h"
#include "tests/support/format_random_model.h"

namespace noggin::run_tool {
namespace {

using ::testing::HasSubstr;

std::string string_of(std::string_view json) {
  const Result<JsonValue> value = parse_json(json);
  return value ? value->text : "error: " + value.error().message;
}

constexpr TaskKind kTask = TaskKind::kSingleLabel;

TEST(JsonReader, ReadsEveryKindOfValue) {
  const Result<JsonValue> value = parse_json(R"( {"a": [1, -2.5e-3, "x", true, false, null, {}], "b": [], "a2": 0} )");
  ASSERT_TRUE(value) << value.error().message;
  const JsonValue* a = value->find("a");
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->items.size(), 7U);
  EXPECT_EQ(a->items[1].text, "-2.5e-3");
  EXPECT_EQ(a->items[2].text, "x");
  EXPECT_EQ(a->items[3].kind, JsonValue::Kind::kTrue);
  EXPECT_EQ(a->items[4].kind, JsonValue::Kind::kFalse);
  EXPECT_EQ(a->items[5].kind, JsonValue::Kind::kNull);
  EXPECT_EQ(a->items[6].kind, JsonValue::Kind::kObject);
  EXPECT_TRUE(value->find("b")->items.empty());
  EXPECT_EQ(value->find("c"), nullptr);
}

TEST(JsonReader, DecodesEscapes) {
  EXPECT_EQ(string_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_of(R"("\u0041\u00e9\u20AC")"), "A\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(string_of(R"("\ud83d\ude00")"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(string_of(R"("\udbff\udfff")"), "\xF4\x8F\xBF\xBF");
  EXPECT_EQ(string_of(R"("\ud83dx")"), "\xEF\xBF\xBDx");  // high half alone
  EXPECT_EQ(string_of(R"("\ude00")"), "\xEF\xBF\xBD");    // low half alone
  EXPECT_EQ(string_of(R"("\ud83d\u0041")"),
            "\xEF\xBF\xBD"
            "A");  // high half, then something else
  EXPECT_EQ(string_of(R"("\ud83d\ud83d\ude00")"), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(string_of(R"("\u0000")"), std::string(1, '\0'));
}

TEST(JsonReader, NamesTheColumnOfAFault) {
  const struct {
    const char* json;
    const char* message;
  } cases[] = {
      {"", "column 1: expected a JSON value"},
      {"{\"a\":1", "column 7: expected ',' or '}'"},
      {"{\"a\" 1}", "column 6: expected ':'"},
      {"{a:1}", "column 2: expected a key in double quotes"},
      {"{\"a\":1,}", "column 8: expected a key"},
      {"[1,]", "column 4: expected a JSON value"},
      {"[1 2]", "column 4: expected ',' or ']'"},
      {"\"abc", "column 5: the string does not end"},
      {"\"a\tb\"", "column 3: a control character"},
      {R"("\x")", "column 3: unknown escape"},
      {R"("\u12g4")", "column 6: expected four hexadecimal digits"},
      {R"("\u12)", "column 6: expected four hexadecimal digits"},
      {"nul", "column 1: expected a JSON value"},
      {"01", "column 2: unexpected text"},
      {"1.", "column 3: expected a JSON value"},
      {"-", "column 2: expected a JSON value"},
      {"1e", "column 3: expected a JSON value"},
      {"+1", "column 1: expected a JSON value"},
      {"NaN", "column 1: expected a JSON value"},
      {"1 1", "column 3: unexpected text"},
      {"\"\\", "column 3: unknown escape"},
  };
  for (const auto& one : cases) {
    const Result<JsonValue> value = parse_json(one.json);
    ASSERT_FALSE(value) << one.json;
    EXPECT_EQ(value.error().code, ErrorCode::kBadData);
    EXPECT_THAT(value.error().message, HasSubstr(one.message)) << one.json;
  }
}

TEST(JsonReader, DeepNestingIsRefusedNotCrashed) {
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
  EXPECT_FALSE(parse_json(std::string(1000000, '[')));
}

TEST(JsonReader, SurvivesRandomBytes) {
  test::Random random(5);
  const std::string alphabet = "{}[]\",:\\u0123dDeE+-.tfn \xFF\n";
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(24); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    (void)parse_json(text);
  }
}

TEST(JsonWriter, OutputIsValidWhateverTheBytes) {
  std::string out;
  append_json_string(std::string("a\"\\\n\x01\x7F\0z", 8), out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u007f\\u0000z\"");
  const struct {
    const char* bytes;
    const char* expected;
  } cases[] = {
      {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"\xFF", "\xEF\xBF\xBD"},
      {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                  // overlong
      {"\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                  // surrogate
      {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // above U+10FFFF
      {"\xE2\x82", "\xEF\xBF\xBD"},                                              // cut: one broken sequence
      {"\xC2\x85\xE2\x80\xAE", "\\u0085\\u202e"},                                // no terminal obeys them
      {"\xC3x", "\xEF\xBF\xBDx"},
  };
  for (const auto& one : cases) {
    out.clear();
    append_json_string(one.bytes, out);
    EXPECT_EQ(out, std::string("\"") + one.expected + "\"");
  }
}

TEST(JsonWriter, FloatsComeBackWithTheSameBits) {
  test::Random random(6);
  std::vector<float> values = {0.0F, -0.0F, 1.0F, -1.5F, 3.40282347e+38F, 1.17549435e-38F, 1.4e-45F, 0.1F};
  for (int i = 0; i < 20000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
    if (std::isfinite(value)) values.push_back(value);
  }
  const std::vector<std::string_view> labels(values.size(), "x");
  std::string line = R"({"text":"t","logits":)";
  append_json_floats(values, line);
  const Result<ParityRow> row = parse_parity_row(line + "}", labels, kTask);
  ASSERT_TRUE(row) << row.error().message;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(row->logits[i]), std::bit_cast<std::uint32_t>(values[i]));
  }
}

TEST(JsonWriter, WhatJsonCannotSayIsNull) {
  std::string out;
  append_json_floats(std::vector<float>{std::nanf(""), std::numeric_limits<float>::infinity(), 2.0F}, out);
  EXPECT_EQ(out, "[null,null,2]");
}

const std::vector<std::string_view> kLabels = {"yes", "no"};

TEST(ParityRow, ReadsWhatTheExporterWrites) {
  const Result<ParityRow> row =
      parse_parity_row(R"({"id":"t1","text":"a \u00e9","label":"no","logits":[1.5,-2]})", kLabels, kTask);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->id, "t1");
  EXPECT_EQ(row->text, "a \xC3\xA9");
  EXPECT_EQ(row->label, 1U);
  EXPECT_THAT(row->logits, ::testing::ElementsAre(1.5F, -2.0F));
  EXPECT_EQ(parse_parity_row(R"({"text":"a","label":null,"logits":[1,2]})", kLabels, kTask)->label, std::nullopt);
  EXPECT_EQ(parse_parity_row(R"({"text":"a","logits":[1,2]})", kLabels, kTask)->label, std::nullopt);
}

TEST(ParityRow, SaysWhatIsWrong) {
  const struct {
    const char* line;
    const char* message;
  } cases[] = {
      {R"([1])", "must be a JSON object"},
      {R"({"logits":[1,2]})", "\"text\" must be a string"},
      {R"({"text":1,"logits":[1,2]})", "\"text\" must be a string"},
      {R"({"text":"a"})", "\"logits\" must be an array"},
      {R"({"text":"a","logits":[1]})", "has 1 numbers, the model has 2 classes"},
      {R"({"text":"a","logits":[1,"2"]})", "must hold numbers only"},
      {R"({"text":"a","logits":[1,1e99]})", "1e99 is outside the range of a float"},
      {R"({"text":"a","label":"maybe","logits":[1,2]})", "\"maybe\" is not a class"},
      {R"({"text":"a","label":1,"logits":[1,2]})", "class name or null"},
  };
  for (const auto& one : cases) {
    const Result<ParityRow> row = parse_parity_row(one.line, kLabels, kTask);
    ASSERT_FALSE(row) << one.line;
    EXPECT_THAT(row.error().message, HasSubstr(one.message));
  }
}

TEST(ParityRow, MayHoldAHashInPlaceOfLogits) {
  const std::vector<float> logits = {1.5F, -0.0F};
  const std::string hash = hex(float_hash(logits));
  const Result<ParityRow> row = parse_parity_row(
      R"({"text":"a","label":"no","token_ids":[2,70000,3],"logits_xxh3":")" + hash + "\"}", kLabels, kTask);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_TRUE(row->logits.empty());
  EXPECT_EQ(row->label, 1U);
  EXPECT_EQ(row->token_ids, (std::vector<std::uint32_t>{2, 70000, 3}));
  EXPECT_TRUE(row->same_bits(logits));
  EXPECT_FALSE(row->same_bits(std::vector<float>{1.5F, 0.0F}));
  const Result<ParityRow> without_ids =
      parse_parity_row(R"({"text":"a","logits_xxh3":")" + hash + "\"}", kLabels, kTask);
  ASSERT_TRUE(without_ids) << without_ids.error().message;
  EXPECT_EQ(without_ids->token_ids, std::nullopt);

  ParitySummary summary({}, 2);
  summary.add_tokens(*row, std::vector<std::uint32_t>{2, 70000, 3});
  EXPECT_FALSE(summary.add(*row, logits));
  EXPECT_TRUE(summary.equal());
  EXPECT_FALSE(summary.add(*row, std::vector<float>{1.5F, 0.0F}));
  EXPECT_EQ(summary.differing_bits_rows, 1U);
  EXPECT_EQ(summary.prediction_changes, 0U);
  EXPECT_EQ(summary.labelled_rows, 2U);
  ParitySummary other_tokens({}, 2);
  other_tokens.add_tokens(*row, std::vector<std::uint32_t>{2, 3});
  other_tokens.add(*row, logits);
  EXPECT_EQ(other_tokens.other_tokens_rows, 1U);
  EXPECT_FALSE(other_tokens.equal());

  for (const char* line :
       {R"({"text":"a","logits_xxh3":"12"})", R"({"text":"a","logits_xxh3":17})",
        R"({"text":"a","logits_xxh3":"+123456789abcdef"})", R"({"text":"a","logits_xxh3":"0123456789abcdeg"})"}) {
    const Result<ParityRow> wrong = parse_parity_row(line, kLabels, kTask);
    ASSERT_FALSE(wrong) << line;
    EXPECT_THAT(wrong.error().message, HasSubstr("16 hexadecimal digits"));
  }
  for (const char* ids : {"7", "[1.5]", "[-1]", "[\"1\"]", "[99999999999]"}) {
    const Result<ParityRow> wrong = parse_parity_row(
        R"({"text":"a","logits_xxh3":"0123456789abcdef","token_ids":)" + std::string(ids) + "}", kLabels, kTask);
    ASSERT_FALSE(wrong) << ids;
    EXPECT_THAT(wrong.error().message, HasSubstr("\"token_ids\""));
  }
}

TEST(ParitySummary, CountsFlipsBitsAndAccuracy) {
  ParitySummary summary({}, 2);
  EXPECT_FALSE(summary.equal());  // nothing verified
  summary.add({"1", "a", 0U, {2.0F, 1.0F}}, std::vector<float>{2.0F, 1.0F});
  EXPECT_TRUE(summary.equal());
  EXPECT_TRUE(summary.add({"2", "b", 0U, {2.0F, 1.0F}}, std::vector<float>{2.0F, 2.5F}));
  EXPECT_FALSE(
      summary.add({"3", "c", std::nullopt, {0.0F, 1.0F}}, std::vector<float>{-0.0F, 1.0F}));  // bits, not values
  EXPECT_EQ(summary.rows, 3U);
  EXPECT_EQ(summary.labelled_rows, 2U);
  EXPECT_EQ(summary.correct, 1U);
  EXPECT_EQ(summary.prediction_changes, 1U);
  EXPECT_EQ(summary.differing_bits_rows, 2U);
  EXPECT_EQ(summary.max_abs_logit_diff, 1.5F);
  EXPECT_FALSE(summary.equal());
}

TEST(ParityRow, OfATaggerHoldsEveryToken) {
  const Result<ParityRow> row = parse_parity_row(R"({"text":"a","logits":[1,2,3,4]})", kLabels, TaskKind::kTag);
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->logits.size(), 4U);
  for (const char* line : {R"({"text":"a","logits":[]})", R"({"text":"a","logits":[1,2,3]})"}) {
    const Result<ParityRow> wrong = parse_parity_row(line, kLabels, TaskKind::kTag);
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("2 classes for each token"));
  }
}

TEST(ParitySummary, SeesTheAnswersOfEveryTask) {
  const std::vector<float> a = {0.0F, 0.1F}, b = {0.0F, 0.2F};  // differ, with the same best class
  const auto changed = [&](const format::Decision& decision, std::vector<float> expected, std::vector<float> found) {
    ParitySummary summary(decision, 2);
    return summary.add({"1", "a", std::nullopt, std::move(expected)}, found);
  };
  EXPECT_FALSE(changed({}, a, b));
  EXPECT_TRUE(changed({TaskKind::kSingleLabel, 1.0F, 0.54F}, a, b));  // 0.525 and 0.550: only one abstains
  EXPECT_FALSE(changed({TaskKind::kSingleLabel, 1.0F, 0.6F}, a, b));
  EXPECT_TRUE(changed({TaskKind::kSingleLabel, 0.5F, 0.6F}, b, {0.0F, 0.21F}));  // 0.599 and 0.603
  const std::vector<float> thresholds = {0.0F, 0.54F};
  EXPECT_TRUE(changed({TaskKind::kMultiLabel, 1.0F, 0.0F, thresholds}, a, b));
  EXPECT_FALSE(changed({TaskKind::kMultiLabel}, a, b));
  EXPECT_TRUE(changed({TaskKind::kMultiLabel}, a, {0.0F, -0.1F}));
  EXPECT_TRUE(changed({TaskKind::kTag}, {1, 0, 0, 1}, {1, 0, 1, 0}));
  EXPECT_FALSE(changed({TaskKind::kTag}, {1, 0, 0, 1}, {2, 0, 0, 1}));
  EXPECT_TRUE(changed({TaskKind::kTag}, {1, 0, 0, 1}, {1, 0}));  // other tokens
}

}  // namespace
}  // namespace noggin::run_tool
