#include "train/nightly/night_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::train {
namespace {

using testing::HasSubstr;
using testing::Not;

Json summary() {
  return {
      {"schema", kNightlySchema},
      {"recipe", "a \"<b>\" \\ & c\n\x1b[31m"},
      {"night", 7},
      {"time", "2026-01-02T03:04:05Z"},
      {"decision", "held back"},
      {"reason", "not inferior: <too many>"},
      {"exit_code", 5},
      {"rows", {{"train", 1200}, {"new", 100}}},
      {"seconds", 12.5},
      {"checks", Json::array({{{"name", "agrees"}, {"passed", true}, {"detail", "0 bits"}},
                              {{"name", "not <inferior>"}, {"passed", false}, {"detail", "-2 \"points\" & more"}}})},
      {"metric", "accuracy"},
      {"quality", {{"new", 0.9625}, {"shipped", 0.975}}},
      {"mended", 3},
      {"broken", 9},
      {"model", {{"bytes", 480000}}}};
}

TEST(NightOutputs, PrometheusHasAHelpATypeAndAValueForEachFigure) {
  const std::string text = prometheus_text(summary());
  EXPECT_THAT(text, HasSubstr("# TYPE noggin_nightly_exit_code gauge\nnoggin_nightly_exit_code{recipe="));
  EXPECT_THAT(text, HasSubstr("} 5\n"));
  EXPECT_THAT(text, HasSubstr("noggin_nightly_last_run_timestamp_seconds{recipe=\"a \\\"<b>\\\" \\\\ & c\\n"));
  EXPECT_THAT(text, HasSubstr("} 1767323045\n"));  // date -u -d 2026-01-02T03:04:05Z +%s
  EXPECT_THAT(text, HasSubstr("noggin_nightly_new_train_rows"));
  EXPECT_THAT(text, HasSubstr("} 0.9625\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(text.back(), '\n');
}

TEST(NightOutputs, WhatIsNotKnownIsNotStated) {
  Json few = summary();
  few.erase("quality");
  few.erase("broken");
  const std::string text = prometheus_text(few);
  EXPECT_THAT(text, Not(HasSubstr("noggin_nightly_quality")));
  EXPECT_THAT(text, Not(HasSubstr("broken")));
  EXPECT_THAT(chat_line(few), Not(HasSubstr("%")));
}

TEST(NightOutputs, AFaultIsAnExitCodeAndATime) {
  const std::string text = prometheus_fault("r", "2026-01-02T03:04:05Z", 3);
  EXPECT_THAT(text, HasSubstr("noggin_nightly_exit_code{recipe=\"r\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("shipped{")));
}

TEST(NightOutputs, JUnitCountsAndEscapes) {
  const std::string text = junit_text(summary());
  EXPECT_THAT(text, HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(text, HasSubstr("name=\"not &lt;inferior&gt;\""));
  EXPECT_THAT(text, HasSubstr("<failure message=\"-2 &quot;points&quot; &amp; more\"/>"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(NightOutputs, TheChatGetsOneLine) {
  const std::string line = chat_line(summary());
  EXPECT_THAT(line,
              HasSubstr("held back, night 7, accuracy 96.25 % (shipped: 97.50 %), 3 mended, 9 broken. not infer"));
  EXPECT_EQ(line.find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace noggin::train
