#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "export/report/cascade.h"

namespace noggin::exporter {
namespace {

using data::Confidence;
using testing::HasSubstr;

// Two rows of 0.9 (one wrong), one of 0.8, two of 0.5 (both wrong).
const std::vector<Confidence> kFive = {{0.5F, false}, {0.9F, true}, {0.8F, true}, {0.9F, false}, {0.5F, false}};

CascadeWishes wishes() {
  CascadeWishes wishes;
  wishes.accuracies = {0.6, 0.99};
  wishes.escalation_rates = {0.4};
  wishes.rule = AccuracyRule::kMeasured;
  wishes.prices = Prices{0.0, 2.0};
  return wishes;
}

TEST(CascadeReport, HoldsBothEndsAndEveryWish) {
  const std::vector<std::uint8_t> teacher = {1, 0, 0, 1, 0};
  const CascadeReport report = cascade_report(kFive, teacher, wishes());
  ASSERT_EQ(report.choices.size(), 5U);
  EXPECT_DOUBLE_EQ(report.choices[0].accuracy->value, 0.4);
  EXPECT_DOUBLE_EQ(*report.choices[0].cost_per_thousand, 0.0);
  EXPECT_DOUBLE_EQ(report.choices[1].accuracy->value, 0.4);
  EXPECT_DOUBLE_EQ(*report.choices[1].cost_per_thousand, 2000.0);
  EXPECT_DOUBLE_EQ(report.choices[2].accuracy->value, 0.6);
  EXPECT_FALSE(report.choices[3].point.has_value());
  EXPECT_EQ(report.choices[4].point->answered, 3U);
  EXPECT_DOUBLE_EQ(*report.choices[4].cost_per_thousand, 800.0);
}

TEST(CascadeReport, AsTextAndJson) {
  const CascadeReport report = cascade_report(kFive, {}, wishes());
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("accuracy >= 60 %"));
  EXPECT_THAT(text, HasSubstr("no threshold reaches it"));
  EXPECT_THAT(text, HasSubstr("its answers on these rows are not known"));
  const auto json = to_json(report);
  EXPECT_EQ(json["rows"], 5);
  EXPECT_EQ(json["curve"].size(), 3U);
  EXPECT_EQ(json["choices"][2]["answered"], 3);
  EXPECT_FALSE(json["choices"][2].contains("cascade_accuracy")) << "it needs the teacher's answers";
  EXPECT_TRUE(json["choices"][0].contains("cascade_accuracy"));
  EXPECT_DOUBLE_EQ(json["choices"][4]["escalation"].get<double>(), 0.4);
  EXPECT_EQ(cascade_report({}, {}, wishes()).choices[2].note, "no threshold reaches it");
}

}  // namespace
}  // namespace noggin::exporter
