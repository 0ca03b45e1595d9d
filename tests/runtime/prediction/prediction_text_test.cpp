#include "prediction/prediction_text.h"

#include <gtest/gtest.h>

#include <array>

namespace noggin::runtime {
namespace {

constexpr std::array<std::string_view, 3> kLabels = {"bill", "pin", "O"};
constexpr std::array<std::string_view, 1> kTypes = {"NAME"};

struct Case {
  TaskKind kind;
  Prediction prediction;
  const char* json;
  const char* line;
};

Head head(TaskKind kind, std::string_view name = {}) { return {name, {kind, 1.0F, 0.5F}, kLabels, kTypes}; }

std::string json_of(std::string_view text, const Head& head, const Prediction& prediction,
                    const JsonContents& contents = {}) {
  std::string out;
  append_json(text, std::span(&head, 1), std::span(&prediction, 1), contents, out);
  return out;
}

TEST(PredictionText, EachKindAsJsonAndAsALine) {
  const Case cases[] = {
      {TaskKind::kSingleLabel, ClassAnswer{1, 0.625F, false}, R"({"text":"hi anna","label":"pin","probability":0.625})",
       "pin\t0.625000"},
      {TaskKind::kSingleLabel, ClassAnswer{1, 0.375F, true},
       R"({"text":"hi anna","abstained":true,"reason":"probability 0.375 below 0.5",)"
       R"("label":"pin","probability":0.375})",
       "abstain\tprobability 0.375 below 0.5"},
      {TaskKind::kMultiLabel, LabelSetAnswer{{{0, 0.75F}, {1, 0.5F}}},
       R"({"text":"hi anna","labels":[{"label":"bill","probability":0.75},{"label":"pin","probability":0.5}]})",
       "bill\t0.750000\tpin\t0.500000"},
      {TaskKind::kMultiLabel, LabelSetAnswer{}, R"({"text":"hi anna","labels":[]})", ""},
      {TaskKind::kScore, ScoreAnswer{0.1F, false}, R"({"text":"hi anna","score":0.100000001,"yes":false})",
       "0.100000\tno"},
      {TaskKind::kTag, SpanAnswer{{{{3, 7}, 0, 0.5F}}},
       R"({"text":"hi anna","unit":"byte",)"
       R"("spans":[{"start":3,"end":7,"type":"NAME","text":"anna","probability":0.5}]})",
       "NAME\t3\t7\t0.500000"},
      {TaskKind::kEdit, TextAnswer{TextAnswer::Kind::kEdited, "anna"}, R"({"text":"hi anna","edited":"anna"})", "anna"},
  };
  for (const Case& one : cases) {
    const Head its = head(one.kind);
    EXPECT_EQ(json_of("hi anna", its, one.prediction), one.json);
    std::string line;
    append_line(std::span(&its, 1), std::span(&one.prediction, 1), line);
    EXPECT_EQ(line, one.line);
  }
}

TEST(PredictionText, AnIdStandsFirstAndACutTextIsMarked) {
  const Prediction pin = ClassAnswer{1, 0.625F, false};
  EXPECT_EQ(json_of("hi", head(TaskKind::kSingleLabel), pin, {.id = "\"a1\"", .truncated = true}),
            R"({"id":"a1","text":"hi","label":"pin","probability":0.625,"truncated":true})");
}

TEST(PredictionText, AnEmptyTextHasAReasonOfItsOwn) {
  const Prediction nothing = ClassAnswer{1, 0.625F, true, true};
  const Head its = head(TaskKind::kSingleLabel);
  std::string line;
  append_line(std::span(&its, 1), std::span(&nothing, 1), line);
  EXPECT_EQ(line, "abstain\tthe text is empty");
}

TEST(PredictionText, TheTextMayStayOutAndLogitsMayJoin) {
  const Prediction masked = TextAnswer{TextAnswer::Kind::kMasked, "hi [NAME]"};
  EXPECT_EQ(json_of("hi anna", head(TaskKind::kTag), masked, {.text = false}), R"({"masked":"hi [NAME]"})");
  const std::vector<float> logits = {1.0F, -0.5F};
  EXPECT_EQ(json_of("x", head(TaskKind::kSingleLabel), ClassAnswer{0, 1.0F, false}, {.logits = logits}),
            R"({"text":"x","label":"bill","probability":1,"logits":[1,-0.5]})");
}

// Places are those of the text that is printed, where each byte that is not UTF-8 is a U+FFFD of three.
TEST(PredictionText, PlacesCountTheUnitAskedFor) {
  const std::string text = "\xFF\xF0\x9F\x98\x80 \xC3\xA9 anna";  // one bad byte, an emoji, e with an accent
  const SpanAnswer spans{{{{1, 5}, 0, 1.0F}, {{9, 13}, 0, 1.0F}}};
  const struct {
    TextUnit unit;
    const char* name;
    int begin[2], end[2];
  } cases[] = {{TextUnit::kByte, "byte", {3, 11}, {7, 15}},
               {TextUnit::kCodePoint, "code_point", {1, 5}, {2, 9}},
               {TextUnit::kUtf16, "utf16", {1, 6}, {3, 10}}};
  for (const auto& one : cases) {
    const std::string json = json_of(text, head(TaskKind::kTag), spans, {.unit = one.unit});
    EXPECT_EQ(json.find(std::string(R"("unit":")") + one.name + R"(","spans":[)"), json.find(R"("unit")")) << json;
    for (const int i : {0, 1}) {
      const std::string place =
          R"({"start":)" + std::to_string(one.begin[i]) + R"(,"end":)" + std::to_string(one.end[i]);
      EXPECT_NE(json.find(place), std::string::npos) << json << " lacks " << place;
    }
  }
}

// A model may have several answers, each with its own kind, labels and thresholds.
TEST(PredictionText, SeveralAnswersStandUnderTheirNames) {
  const std::vector<Head> heads = {head(TaskKind::kSingleLabel, "intent"), head(TaskKind::kScore, "urgent"),
                                   head(TaskKind::kTag, "who")};
  const std::vector<Prediction> predictions = {ClassAnswer{0, 0.75F, false}, ScoreAnswer{0.5F, true},
                                               SpanAnswer{{{{3, 7}, 0, 0.5F}}}};
  std::string json, line;
  append_json("hi anna", heads, predictions, {}, json);
  append_line(heads, predictions, line);
  EXPECT_EQ(json,
            R"({"text":"hi anna","answers":{"intent":{"label":"bill","probability":0.75},)"
            R"("urgent":{"score":0.5,"yes":true},)"
            R"("who":{"unit":"byte","spans":[{"start":3,"end":7,"type":"NAME","text":"anna","probability":0.5}]}}})");
  EXPECT_EQ(line, "intent\tbill\t0.750000\turgent\t0.500000\tyes\twho\tNAME\t3\t7\t0.500000");
}

}  // namespace
}  // namespace noggin::runtime
