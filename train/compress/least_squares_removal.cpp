#include "train/compress/least_squares_removal.h"

#include <Eigen/Cholesky>
#include <limits>

namespace noggin::train {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd damped_inverse(MatrixXd moments) {
  const double mean = moments.diagonal().mean();
  moments.diagonal().array() += kDamping * (mean > 0.0 ? mean : 1.0);
  return moments.llt().solve(MatrixXd::Identity(moments.rows(), moments.cols()));
}

}  // namespace

ColumnRemoval remove_columns(MatrixXd& weight, const MatrixXd& moments, const std::vector<char>& may_go,
                             std::int64_t count) {
  MatrixXd inverse = damped_inverse(moments);
  std::vector<char> candidate = may_go;
  ColumnRemoval removal;
  for (std::int64_t step = 0; step < count; ++step) {
    Index least = -1;
    double least_error = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < weight.cols(); ++j) {
      if (candidate[static_cast<std::size_t>(j)] == 0) continue;
      const double error = weight.col(j).squaredNorm() / inverse(j, j);
      if (error < least_error || least < 0) {
        least = j;
        least_error = error;
      }
    }
    if (least < 0) break;
    const VectorXd row = inverse.col(least) / inverse(least, least);  // symmetric
    weight.noalias() -= weight.col(least).eval() * row.transpose();
    inverse.noalias() -= inverse.col(least).eval() * row.transpose();
    weight.col(least).setZero();
    inverse.col(least).setZero();
    inverse.row(least).setZero();
    inverse(least, least) = 1.0;  // never read again
    candidate[static_cast<std::size_t>(least)] = 0;
    removal.columns.push_back(least);
    removal.error += least_error;
  }
  return removal;
}

}  // namespace noggin::train
