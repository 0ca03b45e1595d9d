#include "data/metrics/calibration.h"

#include <gtest/gtest.h>

#include <vector>

namespace noggin::data {
namespace {

TEST(Calibration, BinsHoldEveryRowOnceByItsProbability) {
  const std::vector<float> probabilities = {0.0F, 0.05F, 0.5F, 0.99F, 1.0F}, outcomes = {0.0F, 1.0F, 1.0F, 0.0F, 1.0F};
  const std::vector<CalibrationBin> bins = calibration_bins(probabilities, outcomes);
  ASSERT_EQ(bins.size(), kCalibrationBins);
  EXPECT_EQ(bins[0].rows, 2U);
  EXPECT_NEAR(bins[0].probability, 0.05, 1e-7);
  EXPECT_EQ(bins[0].outcome, 1.0);
  EXPECT_EQ(bins[7].rows, 1U);
  EXPECT_EQ(bins[14].rows, 2U);  // 1 belongs to the last bin
  EXPECT_NEAR(calibration_error(probabilities, outcomes), (0.95 + 0.5 + 0.99) / 5.0, 1e-6);
}

}  // namespace
}  // namespace noggin::data
