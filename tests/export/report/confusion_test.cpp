#include "export/report/confusion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace noggin::exporter {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<AnsweredRow> kRows = {
    {"r0", "my card is gone", "lost", "stolen", 0.30, 1.20},
    {"r1", "someone took my card", "stolen", "stolen", 0.95, 0.05},
    {"r2", "where is it", "lost", "stolen", 0.10, 2.30},
    {"r3", "hello", "greeting", "none", 0.20, 1.61},
    {"r4", "card gone", "lost", "lost", 0.60, 0.51},
    {"r5", "robbed", "stolen", "lost", 0.40, 0.92},
};

TEST(Confusion, PairsByCountWithTheWorstExample) {
  const ConfusionReport report = confusion_report(kRows);
  EXPECT_EQ(report.rows, 6U);
  EXPECT_EQ(report.wrong, 4U);
  ASSERT_EQ(report.pairs.size(), 3U);
  EXPECT_EQ(report.pairs[0].gold, "lost");
  EXPECT_EQ(report.pairs[0].answered, "stolen");
  EXPECT_EQ(report.pairs[0].count, 2U);
  EXPECT_EQ(report.pairs[0].example_id, "r2");
  EXPECT_DOUBLE_EQ(report.pairs[0].fraction(), 2.0 / 3.0);
  EXPECT_EQ(report.pairs[1].gold, "greeting") << "equal counts: alphabetically";
  EXPECT_EQ(report.pairs[2].gold, "stolen");
}

TEST(Confusion, WorstRowsByLossWithNoNumberFirst) {
  std::vector<AnsweredRow> rows = kRows;
  rows[4].loss = std::numeric_limits<double>::quiet_NaN();
  rows[1].loss = 1.20;  // as r0
  const ConfusionReport report = confusion_report(rows, 1, 5);
  EXPECT_EQ(report.pairs.size(), 1U);
  std::vector<std::string> ids;
  for (const WorstRow& row : report.worst) ids.push_back(row.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"r4", "r2", "r3", "r0", "r1"}));
  EXPECT_EQ(report.worst[1].text, "where is it");
  EXPECT_EQ(report.worst[1].gold_probability, 0.10);
}

TEST(Confusion, NothingWrongAndNothingAtAll) {
  const std::vector<AnsweredRow> right = {{"a", "text", "x", "x", 1.0, 0.0}};
  EXPECT_TRUE(confusion_report(right).pairs.empty());
  EXPECT_EQ(confusion_report(right).worst.size(), 1U);
  EXPECT_EQ(to_text(confusion_report({})), "");
}

TEST(Confusion, TextIsCutBetweenCharactersAndJsonIsWhole) {
  std::string text = "line one\nline two ";
  for (int i = 0; i < 40; ++i) text += "\xC3\xA4";  // two bytes each: 58 characters so far
  const std::string short_text = text;
  text += std::string(20, 'b');
  const std::vector<AnsweredRow> rows = {{"long", text, "a", "b", 0.1, std::numeric_limits<double>::infinity()},
                                         {"short", short_text, "a", "b", 0.2, 1.0}};
  const ConfusionReport report = confusion_report(rows);
  const std::string table = to_text(report);
  EXPECT_THAT(table, HasSubstr("line one line two \xC3\xA4"));
  EXPECT_THAT(table, HasSubstr("\xC3\xA4" + std::string(14, 'b') + "...\n"));
  EXPECT_THAT(table, HasSubstr("\xC3\xA4\n"));
  const auto json = to_json(report);
  EXPECT_EQ(json["worst"][0]["text"], text);
  EXPECT_TRUE(json["worst"][0]["loss"].is_null());
  EXPECT_EQ(json["pairs"][0]["count"], 2);
  EXPECT_EQ(json["pairs"][0]["share"], 1.0);
  EXPECT_THAT(json.dump(), Not(HasSubstr("...")));
}

TEST(Confusion, TableNamesCountsAndShares) {
  const std::string table = to_text(confusion_report(kRows));
  EXPECT_THAT(table, HasSubstr("gold (4 of 6 rows wrong)"));
  EXPECT_THAT(table, HasSubstr("66.7"));
  EXPECT_THAT(table, HasSubstr("where is it"));
}

}  // namespace
}  // namespace noggin::exporter
