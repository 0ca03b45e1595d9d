#include "export/onnx/weight_scale.h"

#include <gtest/gtest.h>

#include "tests/support/format_random_model.h"

namespace noggin::exporter {
namespace {

TEST(WeightScale, ProductsGiveThemselvesBack) {
  test::Random random(11);
  for (int round = 0; round < 200; ++round) {
    const float input_scale = random.uniform(1e-6F, 3.0F);
    std::vector<float> products;
    for (int n = 0; n < 100; ++n) products.push_back(input_scale * random.uniform(1e-7F, 0.5F));
    const WeightScales found = recover_weight_scales(input_scale, products);
    EXPECT_EQ(found.inexact, 0U);
    ASSERT_EQ(found.scales.size(), products.size());
    for (std::size_t n = 0; n < products.size(); ++n) EXPECT_EQ(input_scale * found.scales[n], products[n]);
  }
}

// 1.5 * s passes over every third output scale: such a channel gets the closest and is counted.
TEST(WeightScale, CountsWhatCannotBeMet) {
  std::vector<float> wanted;
  for (int n = 0; n < 300; ++n) wanted.push_back(1.6F + static_cast<float>(n) * 0x1p-23F);
  const WeightScales found = recover_weight_scales(1.5F, wanted);
  EXPECT_EQ(found.inexact, 100U);
  for (std::size_t n = 0; n < wanted.size(); ++n) EXPECT_NEAR(1.5F * found.scales[n], wanted[n], 0x1p-23F);
}

}  // namespace
}  // namespace noggin::exporter
