// softmax, log_softmax and rms_norm against binary64 within derived bounds; special rows; golden bits. LayerNorm is
// held against its rule in tests/runtime/kernels.
#include "spec/row_formulas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "spec/formulas.h"

namespace noggin::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr double kHalfUlp = 0x1p-24;  // the largest relative error of one rounding

std::uint32_t bits(float x) { return std::bit_cast<std::uint32_t>(x); }

std::vector<float> random_row(std::mt19937& random, std::size_t count, float magnitude) {
  std::vector<float> x(count);
  for (float& value : x) value = magnitude * static_cast<float>(static_cast<double>(random()) / 0x1p31 - 1.0);
  return x;
}

TEST(ScaleAndAdd, EveryStepRounds) {
  std::mt19937 random(3);
  std::vector<float> x = random_row(random, 37, 90.0F);
  const std::vector<float> before = x;
  std::vector<std::int8_t> position(37);
  for (std::int8_t& value : position) value = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  spec::scale_and_add(x.data(), 37, 0.0123F, position.data(), 0.0077F);
  for (std::size_t d = 0; d < 37; ++d) {
    const auto word = static_cast<float>(double{before[d]} * double{0.0123F});  // exact in binary64, then one rounding
    const auto place = static_cast<float>(double{static_cast<float>(position[d])} * double{0.0077F});
    EXPECT_EQ(bits(x[d]), bits(static_cast<float>(double{word} + double{place}))) << d;
  }
}

struct Case {
  std::size_t count;
  float magnitude;
};
constexpr Case kCases[] = {{1, 1.0F}, {2, 3.0F}, {5, 10.0F}, {17, 40.0F}, {151, 4.0F}, {1000, 100.0F}};

// x - largest, in binary64, and the sum of its exponentials.
struct Truth {
  std::vector<double> difference;
  double sum = 0.0;
  explicit Truth(const std::vector<float>& x) {
    const double largest = *std::max_element(x.begin(), x.end());
    for (const float value : x) difference.push_back(static_cast<double>(value) - largest);
    for (const double d : difference) sum += std::exp(d);
  }
  // Relative error of the sum, in half ulps: count - 1 additions, exp's own error (1.002 ulp), and what rounding each
  // difference does to its exponential, |d| weighted by its share, which is at most log(count).
  double sum_error() const {
    const auto count = static_cast<double>(difference.size());
    return count + 2.0 + std::log(count);
  }
};

TEST(Softmax, IsWithinItsDerivedError) {
  std::mt19937 random(1);
  for (const Case& c : kCases) {
    for (int round = 0; round < 50; ++round) {
      const std::vector<float> x = random_row(random, c.count, c.magnitude);
      std::vector<float> p(c.count);
      spec::softmax(x.data(), c.count, p.data());
      const Truth truth(x);
      for (std::size_t i = 0; i < c.count; ++i) {
        const double want = std::exp(truth.difference[i]) / truth.sum;
        // the difference's rounding, exp, the sum, the quotient
        const double relative = (std::fabs(truth.difference[i]) + 2.01 + truth.sum_error() + 1.0) * kHalfUlp * 1.001;
        ASSERT_NEAR(static_cast<double>(p[i]), want, want * relative + 0x1p-149) << c.count << " of " << c.magnitude;
      }
    }
  }
}

TEST(LogSoftmax, IsWithinItsDerivedError) {
  std::mt19937 random(2);
  for (const Case& c : kCases) {
    for (int round = 0; round < 50; ++round) {
      const std::vector<float> x = random_row(random, c.count, c.magnitude);
      std::vector<float> log_p(c.count);
      spec::log_softmax(x.data(), c.count, log_p.data());
      const Truth truth(x);
      for (std::size_t i = 0; i < c.count; ++i) {
        const double log_sum = std::log(truth.sum), want = truth.difference[i] - log_sum;
        // the difference, the sum's relative error is the logarithm's absolute one, log itself (0.955 ulp), the result
        const double error =
            (std::fabs(truth.difference[i]) + truth.sum_error() + 1.91 * log_sum + std::fabs(want)) * kHalfUlp * 1.001;
        ASSERT_NEAR(static_cast<double>(log_p[i]), want, error) << c.count << " of " << c.magnitude;
      }
    }
  }
}

TEST(Softmax, SpecialRows) {
  const auto softmax = [](std::vector<float> x) {
    spec::softmax(x.data(), x.size(), x.data());  // in place
    return x;
  };
  EXPECT_EQ(softmax({-3.0F}), std::vector<float>{1.0F});
  EXPECT_EQ(softmax({3e38F, 3e38F}), (std::vector<float>{0.5F, 0.5F}));
  EXPECT_EQ(softmax({1.0F, -kInfinity, -3e38F}), (std::vector<float>{1.0F, 0.0F, 0.0F}));
  for (const float bad : {kNaN, kInfinity}) {
    for (const std::vector<float>& x : {std::vector<float>{bad, 1.0F, 2.0F}, {1.0F, bad, 2.0F}, {1.0F, 2.0F, bad}}) {
      for (const float p : softmax(x)) EXPECT_TRUE(std::isnan(p));
    }
  }
  for (const float p : softmax({-kInfinity, -kInfinity})) EXPECT_TRUE(std::isnan(p));
}

TEST(LogSoftmax, SpecialRows) {
  std::vector<float> x = {0.0F, -kInfinity, -200.0F};
  spec::log_softmax(x.data(), x.size(), x.data());
  EXPECT_EQ(x, (std::vector<float>{0.0F, -kInfinity, -200.0F}));
  x = {1.0F, kNaN};
  spec::log_softmax(x.data(), x.size(), x.data());
  for (const float value : x) EXPECT_TRUE(std::isnan(value));
}

// The rule to the bit; so the answer's probability, 1 / softmax_sum, is softmax at the largest logit.
TEST(Softmax, DividesEachExponentialByTheAscendingSum) {
  std::mt19937 random(4);
  for (const Case& c : kCases) {
    const std::vector<float> x = random_row(random, c.count, c.magnitude);
    const float largest = *std::max_element(x.begin(), x.end());
    std::vector<float> p(c.count), log_p(c.count);
    spec::softmax(x.data(), c.count, p.data());
    spec::log_softmax(x.data(), c.count, log_p.data());
    float sum = 0.0F;
    for (const float value : x) sum += spec::exp(value - largest);
    EXPECT_EQ(bits(spec::softmax_sum(x.data(), c.count, largest)), bits(sum));
    for (std::size_t i = 0; i < c.count; ++i) {
      EXPECT_EQ(bits(p[i]), bits(spec::exp(x[i] - largest) / sum));
      EXPECT_EQ(bits(log_p[i]), bits((x[i] - largest) - spec::log(sum)));
    }
  }
}

TEST(RowFormulas, GoldenBits) {
  const float x[] = {0.5F, -1.25F, 2.0F, 1.75F};
  float p[4], log_p[4];
  spec::softmax(x, 4, p);
  spec::log_softmax(x, 4, log_p);
  const std::uint32_t want[] = {0x3DDFED83, 0x3C9BA6B8, 0x3EFAE4C7, 0x3EC3656C};
  const std::uint32_t want_log[] = {0xC00DA6A2, 0xC07DA6A2, 0xBF369A88, 0xBF769A88};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(bits(p[i]), want[i]) << i;
    EXPECT_EQ(bits(log_p[i]), want_log[i]) << i;
  }
}

// The rule once more, in the order that NUMERICS.md states.
TEST(RmsNorm, FollowsTheRule) {
  std::mt19937 random(3);
  for (std::size_t width = 1; width <= 80; ++width) {
    std::vector<float> x = random_row(random, width, 3.0F);
    const std::vector<float> residual = random_row(random, width, 2.0F), gamma = random_row(random, width, 1.0F);
    std::vector<float> want = x;
    volatile float partial[16] = {};
    for (std::size_t i = 0; i < width; ++i) {
      want[i] += residual[i];
      const float square = want[i] * want[i];
      partial[i & 15] = partial[i & 15] + square;
    }
    const auto eight = [&](int i) { return partial[i] + partial[i + 8]; };
    const auto four = [&](int i) { return eight(i) + eight(i + 4); };
    const float sum = (four(0) + four(2)) + (four(1) + four(3));
    const float inverse = 1.0F / std::sqrt(sum / static_cast<float>(width) + 1e-6F);
    spec::rms_norm(x.data(), residual.data(), width, gamma.data(), 1e-6F);
    for (std::size_t i = 0; i < width; ++i) ASSERT_EQ(bits(x[i]), bits((want[i] * inverse) * gamma[i])) << width;
  }
}

TEST(RmsNorm, SpecialRows) {
  const float gamma[] = {1.0F, 2.0F};
  float zeros[] = {0.0F, -0.0F};
  spec::rms_norm(zeros, nullptr, 2, gamma, 1e-6F);
  EXPECT_EQ(bits(zeros[0]), bits(0.0F));
  EXPECT_EQ(bits(zeros[1]), bits(-0.0F));
  float mixed[] = {1.0F, kNaN};
  spec::rms_norm(mixed, nullptr, 2, gamma, 1e-6F);
  for (const float value : mixed) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace noggin::testing
