#include "export/report/binomial_bound.h"

#include <gtest/gtest.h>

#include <cmath>

namespace noggin::exporter {
namespace {

// The sum of the binomial probabilities themselves.
double summed_tail(std::uint64_t right, std::uint64_t rows, double p) {
  double sum = 0.0;
  for (std::uint64_t x = right; x <= rows; ++x) {
    double log_term = static_cast<double>(x) * std::log(p) + static_cast<double>(rows - x) * std::log(1.0 - p);
    for (std::uint64_t i = 1; i <= x; ++i)
      log_term += std::log(static_cast<double>(rows - x + i) / static_cast<double>(i));
    sum += std::exp(log_term);
  }
  return sum;
}

TEST(BinomialTail, IsTheSumOfItsTerms) {
  for (const std::uint64_t rows : {1, 2, 7, 40, 150}) {
    for (std::uint64_t right = 1; right <= rows; right += 1 + rows / 7) {
      for (const double p : {0.001, 0.2, 0.5, 0.83, 0.999}) {
        EXPECT_NEAR(binomial_tail(right, rows, p), summed_tail(right, rows, p), 1e-11)
            << right << "/" << rows << " at " << p;
      }
    }
  }
}

TEST(BinomialTail, EdgesOfTheRange) {
  EXPECT_EQ(binomial_tail(0, 10, 0.3), 1.0);
  EXPECT_EQ(binomial_tail(11, 10, 0.3), 0.0);
  EXPECT_EQ(binomial_tail(3, 10, 0.0), 0.0);
  EXPECT_EQ(binomial_tail(3, 10, 1.0), 1.0);
}

TEST(BinomialTail, LargeSetsAgreeWithTheNormalDistribution) {
  // Mean 900,000 and deviation 300; with the continuity correction, 299.5 above the mean: 1 - Phi(0.99833) = 0.159058.
  EXPECT_NEAR(binomial_tail(900300, 1000000, 0.9), 0.159058, 1e-5);
}

TEST(AccuracyLowerBound, WithoutAnErrorIsThePowerRule) {
  for (const std::uint64_t rows : {1, 10, 59, 1000}) {
    EXPECT_NEAR(accuracy_lower_bound(rows, rows), std::pow(0.05, 1.0 / static_cast<double>(rows)), 1e-10);
  }
}

TEST(AccuracyLowerBound, IsTheLowerEndOfTheExactTwoSidedInterval) {
  // The exact 95 % intervals of 4 and 9 of 10 are [0.1216, 0.7376] and [0.5550, 0.9975].
  EXPECT_NEAR(accuracy_lower_bound(4, 10, 0.975), 0.1216, 1e-4);
  EXPECT_NEAR(accuracy_lower_bound(9, 10, 0.975), 0.5550, 1e-4);
}

TEST(AccuracyLowerBound, GrowsWithRightAnswersAndIsZeroWithout) {
  EXPECT_EQ(accuracy_lower_bound(0, 100), 0.0);
  EXPECT_EQ(accuracy_lower_bound(0, 0), 0.0);
  double before = 0.0;
  for (std::uint64_t right = 1; right <= 100; ++right) {
    const double bound = accuracy_lower_bound(right, 100);
    EXPECT_GT(bound, before);
    EXPECT_LT(bound, static_cast<double>(right) / 100.0);
    before = bound;
  }
}

}  // namespace
}  // namespace noggin::exporter
