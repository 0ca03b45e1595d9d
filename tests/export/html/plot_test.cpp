#include "export/html/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/html_check.h"

namespace noggin::html {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

TEST(Ticks, AreRoundAndWithinTheAxis) {
  EXPECT_THAT(ticks_of({0.0, 1.0}),
              ElementsAre(0.0, DoubleNear(0.2, 1e-12), DoubleNear(0.4, 1e-12), DoubleNear(0.6, 1e-12),
                          DoubleNear(0.8, 1e-12), DoubleNear(1.0, 1e-12)));
  EXPECT_THAT(ticks_of({0.0, 437.0}), ElementsAre(0.0, 100.0, 200.0, 300.0, 400.0));
  for (const double low : {-3.7, 0.0, 0.93, 1e6})
    for (const double range : {1e-6, 0.013, 1.0, 17.0, 3e5}) {
      const std::vector<double> ticks = ticks_of({low, low + range});
      EXPECT_GE(ticks.size(), 2U);
      EXPECT_LE(ticks.size(), 8U);
      for (const double tick : ticks) {
        EXPECT_GE(tick, low - 1e-6 * range);
        EXPECT_LE(tick, low + range * (1.0 + 1e-6));
      }
    }
}

TEST(Ticks, AnAxisHoldsItsValues) {
  const Axis axis = axis_around({0.2, kNan, 0.8, kInfinity}, "x");
  EXPECT_LT(axis.low, 0.2);
  EXPECT_GT(axis.high, 0.8);
  EXPECT_LT(axis.high, 1.0);
  for (const std::vector<double>& values : {std::vector<double>{}, {kNan}, {5.0}, {0.0, 0.0}}) {
    const Axis odd = axis_around(values, "x");
    EXPECT_LT(odd.low, odd.high);
    EXPECT_TRUE(std::isfinite(odd.low) && std::isfinite(odd.high));
  }
}

// The frame is 360 wide with 46 on the left and 12 on the right, 240 high with 12 above and 40 below.
TEST(Plot, PutsPointsWhereTheyBelong) {
  Plot plot("t", "d", {0.0, 10.0, "x"}, {0.0, 1.0, "y", true});
  plot.line({{0.0, 0.0}, {5.0, 0.5}, {10.0, 1.0}}, 2);
  plot.dot({10.0, 0.0}, 1, "the <end>");
  const std::string svg = plot.markup().str();
  test::expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr("<path class=\"line line2\" d=\"M46.0 200.0L197.0 106.0L348.0 12.0\"/>"));
  EXPECT_THAT(svg, HasSubstr("cx=\"348.0\" cy=\"200.0\""));
  EXPECT_THAT(svg, HasSubstr("<title>the &lt;end&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr(">100</text>"));  // a share of 1 in percent
}

TEST(Plot, WhatIsNotFiniteInterruptsALine) {
  Plot plot("t", "d", {0.0, 1.0}, {0.0, 1.0});
  plot.line({{0.0, 0.0}, {0.5, kNan}, {1.0, 1.0}}, 1);
  plot.dot({kNan, 0.5}, 1);
  const std::string svg = plot.markup().str();
  EXPECT_THAT(svg, HasSubstr("d=\"M46.0 200.0M348.0 12.0\""));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Plot, LabelsFromOutsideStayText) {
  Plot plot("</title><script>", "</desc>", {0.0, 1.0, "<x>"}, {0.0, 1.0, "\"y\""});
  plot.vertical(0.9, "</text><b>");
  plot.band(0.0, 0.5, 0.3, 1);
  plot.interval(0.5, 0.2, 0.4, 1);
  plot.diagonal();
  const std::string svg = plot.markup().str() + legend({"</span>", "b"}).str();
  test::expect_well_formed(svg);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace noggin::html
