// The statistics of the latency benchmark, on times that are known.
#include "experiments/latency/contest.h"

#include <gtest/gtest.h>
#include <time.h>

#include <array>

namespace noggin::latency {
namespace {

void spin_us(double us) {
  const auto now = [] {
    timespec time = {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
  };
  for (const double end = now() + us; now() < end;) {
  }
}

TEST(Contest, Median) {
  EXPECT_EQ(median({}), 0.0);
  EXPECT_EQ(median({3.0}), 3.0);
  EXPECT_EQ(median({9.0, 1.0, 5.0}), 5.0);
  EXPECT_EQ(median({4.0, 1.0, 9.0, 2.0}), 3.0);
}

TEST(Contest, TenthIsAQuietMoment) {
  std::vector<double> values;
  for (int i = 20; i > 0; --i) values.push_back(i);
  EXPECT_EQ(tenth(values), 3.0);  // two of twenty lie below
  EXPECT_EQ(tenth({7.0, 5.0}), 5.0);
  EXPECT_EQ(tenth({}), 0.0);
}

// Two rounds in ten are disturbed on one side only: the median of ratios does not move.
TEST(Contest, RatioIsPairedAndRobust) {
  std::array<double, 10> theirs{}, ours{};
  for (std::size_t round = 0; round < ours.size(); ++round) {
    ours[round] = 10.0 + static_cast<double>(round);  // the machine slows down for both
    theirs[round] = 2.0 * ours[round];
  }
  theirs[3] *= 50.0;
  ours[7] *= 50.0;
  const Ratio ratio = ratio_of(theirs, ours);
  EXPECT_EQ(ratio.median, 2.0);
  EXPECT_EQ(ratio.low, 2.0);
  EXPECT_EQ(ratio.high, 2.0);
  EXPECT_NEAR(ratio.of_medians, 2.0, 0.2);
}

TEST(Contest, IntervalHoldsTheOrderStatistics) {
  std::vector<double> ratios, ones;
  for (int i = 0; i < 101; ++i) {
    ratios.push_back(i);
    ones.push_back(1.0);
  }
  const Ratio ratio = ratio_of(ratios, ones);
  EXPECT_EQ(ratio.median, 50.0);
  EXPECT_EQ(ratio.low, 40.0);  // binomial (101, 1/2): ranks 41 and 61 of 101 hold 95 %
  EXPECT_EQ(ratio.high, 60.0);
  const Ratio of_one = ratio_of(std::array{6.0}, std::array{3.0});
  EXPECT_EQ(of_one.low, 2.0);
  EXPECT_EQ(of_one.high, 2.0);
}

TEST(Contest, RoundsTimeEveryContestantEqually) {
  int fast_calls = 0;
  const std::array<Contestant, 2> contestants{Contestant{"fast", [&] { ++fast_calls, spin_us(100.0); }},
                                              Contestant{"slow", [] { spin_us(400.0); }}};
  const auto times = time_rounds(contestants, 0.0, 5);
  ASSERT_EQ(times.size(), 2U);
  ASSERT_EQ(times[0].size(), 5U);
  ASSERT_EQ(times[1].size(), 5U);
  EXPECT_GE(fast_calls, 5 * 10);  // short calls are repeated
  EXPECT_NEAR(median(times[0]), 100.0, 20.0);
  EXPECT_NEAR(ratio_of(times[1], times[0]).median, 4.0, 0.8);
}

TEST(Contest, LooksFindTheFastest) {
  const std::array<Contestant, 3> contestants{Contestant{"b", [] { spin_us(300.0); }},
                                              Contestant{"c", [] { spin_us(3000.0); }},
                                              Contestant{"a", [] { spin_us(100.0); }}};
  const std::vector<double> times = look(contestants);
  EXPECT_EQ(fastest_first(times), (std::vector<std::size_t>{2, 0, 1}));
  EXPECT_NEAR(times[1], 3000.0, 600.0);
}

}  // namespace
}  // namespace noggin::latency
