// Which inputs a linear layer can do without, and what its other weights become, so that its outputs on observed inputs
// change least. No LibTorch.
//
// For a layer y = W h (bias as a column whose input is always 1) and second moments H = E[h h^T], taking column j away
// and refitting the others by least squares raises E|y - y'|^2 by |w_j|^2 / (H^-1)_jj, with
//   W <- W - w_j (H^-1)_j: / (H^-1)_jj        H^-1 <- H^-1 - (H^-1)_:j (H^-1)_j: / (H^-1)_jj
// (optimal brain surgeon, Hassibi and Stork 1993; whole columns: Frantar, Singh and Alistarh 2022, "Optimal Brain
// Compression", and Kurtic et al. 2023, "ZipLM"). One after the other this is, whatever the order, the least-squares
// fit on the columns that are left; which ones go is greedy.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace noggin::train {

struct ColumnRemoval {
  std::vector<std::int64_t> columns;  // in the order in which they went
  double error = 0.0;                 // by how much E|y - y'|^2 has grown
};

// Takes the `count` columns of `weight` [D, K] whose absence costs least, refits the others, and sets the removed ones
// to 0. moments [K, K]: symmetric, positive semi-definite; kDamping of their mean is added to the diagonal, so that
// inputs that always move together do no harm. may_go [K]: 0 for columns that stay. count at most the ones that may go.
// Time O(K^3 + count (K^2 + K D)), memory 2 K^2 doubles; one thread, the same bits every time.
ColumnRemoval remove_columns(Eigen::MatrixXd& weight, const Eigen::MatrixXd& moments, const std::vector<char>& may_go,
                             std::int64_t count);

inline constexpr double kDamping = 1e-3;

}  // namespace noggin::train
