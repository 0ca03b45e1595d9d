#include "train/compress/weight_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "spec/quant.h"
#include "tests/support/format_random_model.h"

namespace noggin::train {
namespace {

constexpr auto kInt4 = spec::WeightType::kInt4;

double squared_error(const std::vector<float>& row, float step) {
  double sum = 0.0;
  for (const float x : row) {
    const double back = spec::quantize_weight(x, 1.0F / step, kInt4) * double{step};
    sum += (x - back) * (x - back);
  }
  return sum;
}

// Sums of uniform numbers: near to normal, as weights are.
std::vector<float> bell_row(std::size_t count, std::uint64_t seed) {
  test::Random random(seed);
  std::vector<float> row(count);
  for (float& x : row) {
    for (int i = 0; i < 8; ++i) x += random.uniform(-0.02F, 0.02F);
  }
  return row;
}

TEST(WeightStep, OfInt8MapsTheLargestToTheEnd) {
  const std::vector<float> row = {0.5F, -1.27F, 0.1F};
  EXPECT_EQ(weight_step(row.data(), row.size(), spec::WeightType::kInt8), 1.27F / 127.0F);
}

TEST(WeightStep, OfInt4HasAlmostTheLeastSquaredError) {
  double chosen = 0.0, least = 0.0, of_largest = 0.0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<float> row = bell_row(96, seed);
    float largest = 0.0F;
    for (const float x : row) largest = std::max(largest, std::abs(x));
    double best = 1e9;
    for (int i = 1; i <= 400; ++i) {
      best = std::min(best, squared_error(row, largest * static_cast<float>(i) / 400.0F / 7.0F));
    }
    least += best;
    chosen += squared_error(row, weight_step(row.data(), row.size(), kInt4));
    of_largest += squared_error(row, largest / 7.0F);
  }
  EXPECT_LT(chosen, 1.03 * least);
  EXPECT_LT(chosen, 0.85 * of_largest);
}

TEST(WeightStep, OfNothingIsTheSmallest) {
  const std::vector<float> row(20, 0.0F);
  EXPECT_EQ(weight_step(row.data(), row.size(), kInt4), spec::kSmallestScale);
}

// Any split into vectors must give the same bits: rows of every length, with the same values at other addresses.
TEST(WeightStep, DependsOnTheValuesAlone) {
  for (std::size_t count = 1; count < 70; ++count) {
    const std::vector<float> row = bell_row(count, count);
    std::vector<float> moved(count + 3);
    std::copy(row.begin(), row.end(), moved.begin() + 3);
    EXPECT_EQ(weight_step(row.data(), count, kInt4), weight_step(moved.data() + 3, count, kInt4)) << count;
  }
}

}  // namespace
}  // namespace noggin::train
