#include "export/report/result_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "export/report/text_table.h"

namespace noggin::exporter {
namespace {

using testing::HasSubstr;
using testing::Not;

TargetResult scored(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                    std::int32_t none_class, const BootstrapOptions& options = {}) {
  TargetResult result = score("student", accuracy_scores(predicted, gold), options);
  add_classification(result, predicted, gold, none_class, options);
  return result;
}

TEST(Score, SeparatesInScopeRowsFromTheNoneClass) {
  const std::vector<std::int32_t> gold = {0, 0, 1, 1, 2, 2, 2, 2}, predicted = {0, 1, 1, 1, 2, 0, 0, 0};
  const TargetResult result = scored(predicted, gold, 2);
  EXPECT_EQ(result.rows, 8U);
  EXPECT_DOUBLE_EQ(result.primary_metric->value, 0.5);
  EXPECT_DOUBLE_EQ(result.in_scope_accuracy->value, 0.75);
  EXPECT_DOUBLE_EQ(result.none_recall->value, 0.25);
}

TEST(Score, WithoutANoneClassOnlyAccuracyIsFilled) {
  const std::vector<std::int32_t> gold = {0, 1}, predicted = {0, 0};
  EXPECT_FALSE(scored(predicted, gold, -1).none_recall.has_value());
  EXPECT_FALSE(scored(predicted, gold, 5).in_scope_accuracy.has_value()) << "no row has the none class";
  EXPECT_FALSE(scored({}, {}, -1).primary_metric.has_value());
}

TEST(Score, ClustersFollowTheRowsTheyBelongTo) {
  const std::vector<std::int32_t> gold = {0, 1, 0, 1}, predicted = {0, 1, 1, 1};
  const std::vector<std::uint32_t> clusters = {0, 1, 2, 2};
  BootstrapOptions options;
  options.clusters = clusters;
  EXPECT_DOUBLE_EQ(scored(predicted, gold, 1, options).in_scope_accuracy->value, 0.5);
}

TEST(BaselineWarning, ThreeOutcomes) {
  std::vector<data::RowScore> baseline(1000, {1.0, 1.0}), student = baseline;
  for (std::size_t i = 0; i < 200; ++i) baseline[i].right = 0.0;
  EXPECT_EQ(baseline_warning(baseline, student), "");
  EXPECT_THAT(baseline_warning(student, baseline), HasSubstr("does not beat the linear baseline (-20.00 points)"));
  EXPECT_THAT(baseline_warning(student, student), HasSubstr("does not beat the linear baseline"));
  student = baseline;
  student[0].right = 1.0;
  EXPECT_THAT(baseline_warning(baseline, student),
              HasSubstr("not clearly better than the linear baseline (+0.10 points"));
}

ResultTable two_rows() {
  ResultTable table;
  table.name = "router";
  table.rows = 1200;
  TargetResult baseline;
  baseline.name = "baseline";
  baseline.primary_metric = Interval{0.8, 0.78, 0.82};
  TargetResult shipped;
  shipped.name = ".nog (avx2)";
  shipped.primary_metric = Interval{0.93417, 0.92, 0.94};
  shipped.size_bytes = 2940000;
  shipped.latency_us = 83.4;
  table.targets = {baseline, shipped};
  table.warnings = {"look twice"};
  return table;
}

TEST(ResultTable, TextIsAlignedAndLeavesEmptyColumnsOut) {
  EXPECT_EQ(to_text(two_rows()),
            "router on test (1200 rows)     accuracy % [95 %]     size  latency\n"
            "------------------------------------------------------------------\n"
            "baseline                    80.00 [78.00, 82.00]        -        -\n"
            ".nog (avx2)                 93.42 [92.00, 94.00]  2.94 MB    83 us\n"
            "warning: look twice\n");
}

TEST(ResultTable, JsonHoldsWhatIsKnown) {
  const nlohmann::ordered_json json = to_json(two_rows());
  EXPECT_EQ(json["targets"][1]["accuracy"]["value"], 0.93417);
  EXPECT_EQ(json["targets"][1]["size_bytes"], 2940000);
  EXPECT_FALSE(json["targets"][0].contains("latency_us"));
  EXPECT_EQ(json["warnings"][0], "look twice");
}

TEST(ResultTable, NamesTheFigureOfItsTask) {
  ResultTable table = two_rows();
  table.primary_metric_name = "span F1";
  EXPECT_THAT(to_text(table), HasSubstr("span F1 % [95 %]"));
  EXPECT_EQ(to_json(table)["targets"][1]["span_f1"]["value"], 0.93417);
  EXPECT_EQ(to_json(table)["quality"], "span_f1");
}

TEST(TextTable, CountsCharactersNotBytes) {
  TextTable table({"a", "b"});
  table.add({"é", "1"});
  table.add({"ab", "22"});
  EXPECT_EQ(table.text(), "a    b\n------\né    1\nab  22\n");
}

TEST(FormatBytes, PowersOfAThousand) {
  EXPECT_EQ(points(0.0091), "+0.91");
  EXPECT_EQ(points(-0.12), "-12.00");
  EXPECT_EQ(points(-1e-9), "0.00");
  EXPECT_EQ(points(1e-5), "0.00");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(12345), "12.3 KB");
  EXPECT_EQ(format_bytes(2999999), "3.00 MB");
}

}  // namespace
}  // namespace noggin::exporter
