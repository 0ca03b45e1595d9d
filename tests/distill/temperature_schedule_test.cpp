#include "distill/temperature_schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace noggin::distill {
namespace {

TEST(TemperatureSchedule, StartsAndEndsWhereItSays) {
  for (const TemperatureCurve curve : {TemperatureCurve::kLinear, TemperatureCurve::kCosine}) {
    const TemperatureSchedule schedule{curve, 4.0, 1.5};
    EXPECT_EQ(temperature_at(schedule, 0.0), 4.0);
    EXPECT_EQ(temperature_at(schedule, 1.0), 1.5);
    EXPECT_EQ(temperature_at(schedule, -0.5), 4.0);
    EXPECT_EQ(temperature_at(schedule, 1.5), 1.5);
    EXPECT_NEAR(temperature_at(schedule, 0.5), 2.75, 1e-12);
  }
}

TEST(TemperatureSchedule, CurvesAreThoseOfTheHeader) {
  EXPECT_EQ(temperature_at({TemperatureCurve::kConstant, 3.0, 1.0}, 0.9), 3.0);
  EXPECT_NEAR(temperature_at({TemperatureCurve::kLinear, 1.0, 5.0}, 0.25), 2.0, 1e-12);
  EXPECT_NEAR(temperature_at({TemperatureCurve::kCosine, 4.0, 2.0}, 0.25), 3.0 + std::sqrt(0.5), 1e-12);
}

TEST(TemperatureSchedule, NeverTurnsBackNorLeavesItsEnds) {
  for (const TemperatureCurve curve :
       {TemperatureCurve::kConstant, TemperatureCurve::kLinear, TemperatureCurve::kCosine}) {
    double before = 4.0;
    for (int step = 0; step <= 1000; ++step) {
      const double now = temperature_at({curve, 4.0, 1.0}, step / 1000.0);
      EXPECT_LE(now, before);
      EXPECT_GE(now, 1.0);
      before = now;
    }
  }
}

}  // namespace
}  // namespace noggin::distill
