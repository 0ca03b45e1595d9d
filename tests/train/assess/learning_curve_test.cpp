#include "train/assess/learning_curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/shards/sampler.h"

namespace noggin::assess {
namespace {

constexpr double kSizes[] = {250, 500, 1000, 2000, 4000};

std::vector<CurvePoint> points_of(const PowerLaw& law) {
  std::vector<CurvePoint> points;
  for (const double rows : kSizes) points.push_back({rows, law.quality(rows)});
  return points;
}

// A curve as it is measured: on `dev` rows, each right with the law's probability at a size. Rows are right for the
// same reason at all sizes, as with real models: one random number a row, and one more for each draw.
std::vector<MeasuredSize> measured(const PowerLaw& law, std::size_t dev, std::uint64_t seed) {
  std::vector<MeasuredSize> sizes;
  for (const double rows : kSizes) {
    MeasuredSize size{static_cast<std::uint64_t>(rows), {}};
    for (std::uint64_t draw = 0; draw < 3; ++draw) {
      std::vector<data::RowScore> scores;
      for (std::size_t row = 0; row < dev; ++row) {
        const bool own = data::random_unit(seed, 100 + draw + size.rows, row) < 0.5;
        const double chance =
            own ? data::random_unit(seed, 1000 + draw + size.rows, row) : data::random_unit(seed, 1, row);
        scores.push_back({chance < law.quality(rows) ? 1.0 : 0.0, 1.0});
      }
      size.draws.push_back(scores);
    }
    sizes.push_back(size);
  }
  return sizes;
}

TEST(LearningCurve, FitRecoversTheLawThatMadeThePoints) {
  for (const PowerLaw law : {PowerLaw{0.95, 6.0, 0.5}, PowerLaw{0.8, 40.0, 0.9}, PowerLaw{0.99, 1.2, 0.25}}) {
    const PowerLaw found = fit_power_law(points_of(law));
    EXPECT_NEAR(found.a, law.a, 1e-3);
    EXPECT_NEAR(found.c, law.c, 1e-2);
    EXPECT_NEAR(found.quality(40000), law.quality(40000), 1e-4);
  }
}

TEST(LearningCurve, NeverPromisesMoreThanEverythingRight) {
  const std::vector<CurvePoint> straight = {{100, 0.5}, {200, 0.6}, {400, 0.7}, {800, 0.8}, {1600, 0.9}};
  const PowerLaw law = fit_power_law(straight);
  EXPECT_LE(law.a, 1.0);
  EXPECT_GE(law.b, 0.0);
  EXPECT_LE(law.quality(1e9), 1.0);
}

TEST(LearningCurve, ACurveThatFallsIsFlat) {
  const std::vector<CurvePoint> falling = {{100, 0.7}, {200, 0.69}, {400, 0.68}, {800, 0.66}};
  const PowerLaw law = fit_power_law(falling);
  EXPECT_EQ(law.b, 0.0);
  EXPECT_NEAR(law.a, 0.6825, 1e-12);
}

TEST(LearningCurve, TwoPointsGiveNoGrowth) {
  const std::vector<CurvePoint> two = {{100, 0.5}, {200, 0.7}};
  EXPECT_EQ(fit_power_law(two).b, 0.0);
}

TEST(LearningCurve, RowsForATargetInvertTheLaw) {
  const PowerLaw law{0.95, 6.0, 0.5};
  EXPECT_NEAR(law.quality(law.rows_for(0.9)), 0.9, 1e-12);
  EXPECT_NEAR(law.rows_for(0.9), 14400.0, 1e-6);
  EXPECT_TRUE(std::isinf(law.rows_for(0.95)));
  EXPECT_TRUE(std::isinf(law.rows_for(0.97)));
  EXPECT_EQ((PowerLaw{0.8, 0.0, 1.0}.rows_for(0.7)), 1.0);
}

// 40 simulated logs; the 95 % interval should hold the truth in 38 of them, and chance allows for some fewer.
TEST(LearningCurve, IntervalsHoldTheTruthInMostSimulatedLogs) {
  const PowerLaw law{0.92, 5.0, 0.5};
  constexpr double kMore[] = {2.0, 10.0};
  int held[2] = {0, 0}, narrow = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    exporter::BootstrapOptions options;
    options.seed = seed;
    options.resamples = 200;
    const Forecast found = forecast(measured(law, 600, seed), kMore, 0.9, options);
    for (std::size_t i = 0; i < 2; ++i) {
      const double truth = law.quality(kMore[i] * 4000);
      held[i] += found.at_more[i].low <= truth && truth <= found.at_more[i].high ? 1 : 0;
    }
    narrow += found.at_more[0].high - found.at_more[0].low < 0.2 ? 1 : 0;
  }
  EXPECT_GE(held[0], 33);
  EXPECT_GE(held[1], 33);
  EXPECT_EQ(narrow, 40);
}

TEST(LearningCurve, SaysWhetherATargetIsReached) {
  const std::vector<MeasuredSize> sizes = measured({0.92, 5.0, 0.5}, 2000, 7);
  constexpr double kMore[] = {2.0};
  const Forecast easy = forecast(sizes, kMore, 0.5, {}), hard = forecast(sizes, kMore, 0.999, {});
  EXPECT_TRUE(easy.has_target);
  EXPECT_LT(easy.rows_for_target, 250.0);
  EXPECT_TRUE(std::isinf(hard.rows_for_target));
  EXPECT_FALSE(forecast(sizes, kMore, std::nullopt, {}).has_target);
}

TEST(LearningCurve, EqualArgumentsGiveEqualIntervals) {
  const std::vector<MeasuredSize> sizes = measured({0.92, 5.0, 0.5}, 300, 3);
  constexpr double kMore[] = {10.0};
  EXPECT_EQ(forecast(sizes, kMore, 0.9, {}).at_more, forecast(sizes, kMore, 0.9, {}).at_more);
}

}  // namespace
}  // namespace noggin::assess
