#include "train/assess/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/assess/cost.h"
#include "train/assess/page.h"

namespace noggin::assess {
namespace {

using testing::HasSubstr;

// A job about which nothing decides: the floor is 10 points below the target.
Evidence open_case() {
  Evidence evidence;
  evidence.dev_rows = 1000;
  evidence.target = 0.95;
  evidence.floor = {0.85, 0.83, 0.87};
  evidence.floor_by = "linear model";
  evidence.at_ten = exporter::Interval{0.9, 0.88, 0.92};
  return evidence;
}

TEST(Recommendation, NothingDecides) {
  const Advice advice = advise(open_case());
  EXPECT_EQ(advice.verdict, Verdict::kCannotTell);
  EXPECT_THAT(advice.reason, HasSubstr("10.0 points below"));
}

TEST(Recommendation, FewDevRowsOrNoTargetTellNothing) {
  Evidence few = open_case(), aimless = open_case();
  few.dev_rows = kFewestDevRows - 1;
  few.floor.value = 1.0;
  aimless.target.reset();
  EXPECT_EQ(advise(few).verdict, Verdict::kCannotTell);
  EXPECT_THAT(advise(few).reason, HasSubstr("99 rows"));
  EXPECT_THAT(advise(aimless).reason, HasSubstr("--target"));
}

TEST(Recommendation, AFloorThatSufficesIsForTheDevice) {
  Evidence evidence = open_case();
  evidence.floor.value = 0.951;
  EXPECT_EQ(advise(evidence).verdict, Verdict::kDevice);
}

TEST(Recommendation, AWorthwhilePartIsACascade) {
  Evidence evidence = open_case();
  evidence.answered_at_target = kWorthwhileShare;
  EXPECT_EQ(advise(evidence).verdict, Verdict::kCascade);
  evidence.answered_at_target = kWorthwhileShare - 0.01;
  EXPECT_EQ(advise(evidence).verdict, Verdict::kCannotTell);
}

TEST(Recommendation, OutOfReachStaysWithTheTeacher) {
  Evidence evidence = open_case();
  evidence.at_ten = exporter::Interval{0.6, 0.55, 0.95 - kLargestLead - 0.01};
  EXPECT_EQ(advise(evidence).verdict, Verdict::kKeepTeacher);
}

TEST(Recommendation, WhatNeverPaysStaysUnlessSpeedOrPrivacyAskForIt) {
  Evidence evidence = open_case();
  evidence.floor.value = 0.99;
  evidence.break_even_days = kLongestPayback + 1;
  EXPECT_EQ(advise(evidence).verdict, Verdict::kKeepTeacher);
  Evidence fast = evidence, private_rows = evidence;
  fast.round_trip_ms = 300.0;
  fast.student_us = 100.0;
  private_rows.sensitive_share = 0.2;
  EXPECT_EQ(advise(fast).verdict, Verdict::kDevice);
  EXPECT_EQ(advise(private_rows).verdict, Verdict::kDevice);
}

TEST(Cost, IsThatOfAWorkedExample) {
  Prices prices;
  prices.input_per_million = 2.0;
  prices.output_per_million = 10.0;
  prices.requests_per_day = 1000.0;
  prices.training_hours = 5.0;
  prices.price_per_hour = 3.0;
  // 500 * 2e-6 + 20 * 10e-6 = 0.0012 a request.
  const Cost cost = cost_of(prices, Tokens{500.0, 20.0}, 99.0, 0.5);
  EXPECT_DOUBLE_EQ(*cost.per_request, 0.0012);
  EXPECT_DOUBLE_EQ(*cost.per_month, 0.0012 * 1000.0 * kDaysPerMonth);
  EXPECT_DOUBLE_EQ(*cost.training, 15.0);
  EXPECT_DOUBLE_EQ(*cost.break_even, 25000.0);
  EXPECT_DOUBLE_EQ(*cost.break_even_days, 25.0);
}

TEST(Cost, IsNotKnownWithoutPrices) {
  const Cost cost = cost_of({}, Tokens{500.0, 20.0}, std::nullopt, 1.0);
  EXPECT_FALSE(cost.per_request || cost.per_month || cost.training || cost.break_even);
  EXPECT_EQ(cost_of({}, std::nullopt, 0.25, 1.0).per_request, 0.25);  // as the log says
}

TEST(Page, SaysWhereEachFigureComesFrom) {
  Question question{"cost", "What does it cost?"};
  question.measured("tokens", "tokens", "12.0", 12.0, "from usage");
  question.given("price", "price", "3", 3, "--price-in");
  question.not_known("month", "a month", "give --requests-per-day N");
  const std::string text = to_text({question});
  EXPECT_THAT(text, HasSubstr("1. What does it cost?"));
  EXPECT_THAT(text, HasSubstr("measured: from usage"));
  EXPECT_THAT(text, HasSubstr("given: --price-in"));
  EXPECT_THAT(text, HasSubstr("not known  give --requests-per-day N"));
  const Json json = to_json({question});
  EXPECT_EQ(json["cost"]["tokens"]["value"], 12.0);
  EXPECT_TRUE(json["cost"]["month"]["value"].is_null());
  EXPECT_EQ(json["cost"]["month"]["origin"], "not known");
}

TEST(Page, SharesHaveExactIntervals) {
  // Clopper and Pearson for 8 of 10, two-sided 95 %: [0.4439, 0.9748].
  const exporter::Interval share = share_of(8, 10);
  EXPECT_NEAR(share.low, 0.4439, 1e-4);
  EXPECT_NEAR(share.high, 0.9748, 1e-4);
  EXPECT_EQ(share_of(0, 0).high, 1.0);
}

}  // namespace
}  // namespace noggin::assess
