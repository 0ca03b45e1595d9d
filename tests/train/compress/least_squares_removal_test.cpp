// Against least squares by its definition: fits on every set of columns, from samples.
#include "train/compress/least_squares_removal.h"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace noggin::train {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

MatrixXd random_matrix(Index rows, Index columns, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  return MatrixXd::NullaryExpr(rows, columns, [&](Index, Index) { return normal(generator); });
}

// Inputs that lean on each other, one a row.
MatrixXd correlated_inputs() { return random_matrix(200, 6, 1) * random_matrix(6, 6, 2); }

MatrixXd damped(const MatrixXd& inputs) {
  MatrixXd moments = inputs.transpose() * inputs;
  moments.diagonal().array() += kDamping * moments.diagonal().mean();
  return moments;
}

// The weights on the columns `kept` that come nearest to `weight` on all of them, and the error that is left.
std::pair<MatrixXd, double> fitted(const MatrixXd& weight, const MatrixXd& moments, const std::vector<Index>& kept) {
  const MatrixXd inner = moments(kept, kept), cross = moments(kept, Eigen::all);
  MatrixXd fit = MatrixXd::Zero(weight.rows(), weight.cols());
  fit(Eigen::all, kept) = inner.llt().solve(cross * weight.transpose()).transpose();
  const MatrixXd difference = weight - fit;
  return {fit, (difference * moments * difference.transpose()).trace()};
}

TEST(RemoveColumns, LeavesTheLeastSquaresFitOnWhatIsLeft) {
  const MatrixXd inputs = correlated_inputs(), moments = inputs.transpose() * inputs, before = random_matrix(3, 6, 3);
  MatrixXd weight = before;
  const ColumnRemoval removal = remove_columns(weight, moments, std::vector<char>(6, 1), 3);
  ASSERT_EQ(removal.columns.size(), 3U);
  std::vector<Index> kept;
  for (Index column = 0; column < 6; ++column)
    if (std::ranges::find(removal.columns, column) == removal.columns.end()) kept.push_back(column);
  const auto [expected, error] = fitted(before, damped(inputs), kept);
  EXPECT_LT((weight - expected).norm(), 1e-9 * before.norm());
  EXPECT_NEAR(removal.error, error, 1e-9 * error);
}

TEST(RemoveColumns, TakesTheOneWhoseAbsenceCostsLeastAfterTheFit) {
  const MatrixXd inputs = correlated_inputs(), moments = inputs.transpose() * inputs, before = random_matrix(3, 6, 3);
  std::vector<double> costs;
  for (Index gone = 0; gone < 6; ++gone) {
    std::vector<Index> kept;
    for (Index column = 0; column < 6; ++column)
      if (column != gone) kept.push_back(column);
    costs.push_back(fitted(before, damped(inputs), kept).second);
  }
  MatrixXd weight = before;
  const ColumnRemoval removal = remove_columns(weight, moments, std::vector<char>(6, 1), 1);
  EXPECT_EQ(removal.columns.front(), std::ranges::min_element(costs) - costs.begin());
  EXPECT_NEAR(removal.error, *std::ranges::min_element(costs), 1e-9 * removal.error);
}

TEST(RemoveColumns, ATwinGoesAndTheOtherTakesItsPart) {
  MatrixXd inputs = random_matrix(200, 6, 4);
  inputs.col(4) = inputs.col(1);
  MatrixXd weight = random_matrix(3, 6, 5);
  const MatrixXd sum = weight.col(1) + weight.col(4);
  const ColumnRemoval removal = remove_columns(weight, inputs.transpose() * inputs, std::vector<char>(6, 1), 1);
  const Index gone = removal.columns.front(), left = 5 - gone;
  EXPECT_TRUE(gone == 1 || gone == 4);
  EXPECT_LT((weight.col(left) - sum).norm(), 1e-2 * sum.norm());
  EXPECT_EQ(weight.col(gone).norm(), 0.0);
}

TEST(RemoveColumns, KeepsWhatMayNotGo) {
  const MatrixXd inputs = correlated_inputs();
  MatrixXd weight = random_matrix(3, 6, 3);
  const ColumnRemoval removal = remove_columns(weight, inputs.transpose() * inputs, {1, 0, 0, 1, 0, 0}, 4);
  EXPECT_EQ(removal.columns.size(), 2U) << "only two may";
  MatrixXd none = MatrixXd::Zero(3, 6);
  EXPECT_EQ(remove_columns(none, MatrixXd::Zero(6, 6), std::vector<char>(6, 1), 2).columns.size(), 2U);
}

}  // namespace
}  // namespace noggin::train
