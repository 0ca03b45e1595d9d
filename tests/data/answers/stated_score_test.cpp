#include "data/answers/stated_score.h"

#include <gtest/gtest.h>

namespace noggin::data {
namespace {

Checked<double> score_of(const std::string& text, const char* finish = "stop") {
  LoggedAnswer answer;
  answer.has_text = true;
  answer.text = text;
  answer.finish_reason = finish;
  return read_stated_score(answer);
}

TEST(StatedScore, IsANumberFromZeroToOneHoweverItIsWritten) {
  for (const char* text :
       {"0.8", " **0.8**\n", "80%", "80 %", "80 percent", "4/5", "8 / 10", "4 out of 5", "Score: 0.8", "score = .8",
        R"({"score": 0.8, "reason": "clear"})", R"({"rating": "4/5"})", R"(```json
{"likelihood": 0.8}
```)",
        "<think>1 or 0? 0.8</think> 0.8", "0.8."}) {
    const Checked<double> score = score_of(text);
    ASSERT_TRUE(std::holds_alternative<double>(score)) << text << ": " << std::get<Rejection>(score).detail;
    EXPECT_DOUBLE_EQ(std::get<double>(score), 0.8) << text;
  }
  EXPECT_EQ(std::get<double>(score_of("1")), 1.0);
  EXPECT_EQ(std::get<double>(score_of("0")), 0.0);
}

TEST(StatedScore, IsRefusedByNameWhereItIsNone) {
  const auto reason = [](const std::string& text, const char* finish = "stop") {
    const Checked<double> score = score_of(text, finish);
    return std::holds_alternative<Rejection>(score) ? reason_code(std::get<Rejection>(score).reason) : "a score";
  };
  EXPECT_EQ(reason("4"), "score_out_of_range");
  EXPECT_EQ(reason("-0.5"), "score_out_of_range");
  EXPECT_EQ(reason("120 %"), "score_out_of_range");
  EXPECT_EQ(reason("0.8 or 0.7"), "other_task");
  EXPECT_EQ(reason("good"), "other_task");
  EXPECT_EQ(reason("0.8 points of 7"), "other_task");
  EXPECT_EQ(reason("4/0"), "other_task");
  EXPECT_EQ(reason(R"({"a": 0.1, "b": 0.2})"), "other_task");
  EXPECT_EQ(reason("nan"), "other_task");
  EXPECT_EQ(reason(""), "other_task");
  EXPECT_EQ(reason("The score is", "length"), "answer_cut");
}

}  // namespace
}  // namespace noggin::data
