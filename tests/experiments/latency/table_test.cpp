// Bars, floors and the lines that other programs read.
#include "experiments/latency/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::latency {
namespace {

using testing::HasSubstr;
using testing::Not;

Row row_of(std::size_t tokens, double ratio) {
  Row row;
  row.shape = {tokens, 1};
  row.noggin_us = 100.0;
  row.opponent_us = 100.0 * ratio;
  row.ratio = {ratio, ratio, ratio, ratio};
  row.opponent = "qdq";
  return row;
}

TEST(LatencyTable, BarsAreTheStatedOnes) {
  EXPECT_EQ(bar_of(small_model(), {16, 1}).least, 1.8);
  EXPECT_EQ(bar_of(small_model(), {64, 8}).least, 1.8);
  EXPECT_EQ(bar_of(small_model(), {128, 1}).least, 1.5);
  EXPECT_EQ(bar_of(small_model(), {128, 1}).goal, 2.5);
  EXPECT_EQ(bar_of(large_model(), {16, 8}).least, 1.3);
  EXPECT_EQ(bar_of(large_model(), {128, 8}).goal, 1.6);
}

TEST(LatencyTable, EachRowSaysWhetherItsBarIsMet) {
  const std::string missed = table_of(small_model(), {row_of(16, 1.79)}, {}, 1.0);
  EXPECT_THAT(missed, HasSubstr(">= 1.8 NOT MET"));
  EXPECT_THAT(missed, HasSubstr("not measured"));
  const std::string reached = table_of(small_model(), {row_of(128, 1.6)}, {}, 1.0);
  EXPECT_THAT(reached, HasSubstr(">= 1.5 met"));
  EXPECT_THAT(reached, Not(HasSubstr("goal")));
  EXPECT_THAT(table_of(large_model(), {row_of(128, 1.6)}, {}, 1.0), HasSubstr(">= 1.3 met, goal"));
}

TEST(LatencyTable, FloorIsWorkOverPeak) {
  const spec::ModelConfig config = small_model().config;
  const WorkCount work = work_of(config, 32);
  const Peaks peaks{"any", work.products / 10.0, work.float_operations / 5.0, work.divisions};
  const Floor floor = floor_of(config, {32, 1}, peaks);
  EXPECT_DOUBLE_EQ(floor.products_us, 10.0);
  EXPECT_DOUBLE_EQ(floor.floats_us, 6.0);
  EXPECT_DOUBLE_EQ(floor_of(config, {32, 8}, peaks).compute_us(), 128.0);
}

TEST(LatencyTable, TheFloorsBarStandsAtItsTokensOnly) {
  const Peaks peaks{"any", 1e6, 1e6, 1e6};
  EXPECT_THAT(table_of(small_model(), {row_of(32, 2.0)}, peaks, 1e6), HasSubstr("<= 1.4 NOT MET"));
  EXPECT_THAT(table_of(small_model(), {row_of(16, 2.0)}, peaks, 1e6), Not(HasSubstr("<= 1.4")));
}

// A peak measured too low would make the floor too high and its bar easy.
TEST(LatencyTable, AFloorAboveTheMeasuredTimeIsNoFloor) {
  const Peaks slow{"any", 1e6, 1e2, 1e6};
  const std::string table = table_of(small_model(), {row_of(32, 2.0)}, slow, 1e6);
  EXPECT_THAT(table, HasSubstr("PEAKS DISTURBED"));
  EXPECT_THAT(table, Not(HasSubstr("<= 1.4")));
}

TEST(LatencyTable, MinimumIsOverAllRows) {
  EXPECT_EQ(minimum_ratio({row_of(16, 2.0), row_of(32, 1.25), row_of(64, 3.0)}), 1.25);
}

}  // namespace
}  // namespace noggin::latency
