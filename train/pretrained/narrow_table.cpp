#include "train/pretrained/narrow_table.h"

#include <Eigen/Eigenvalues>

namespace noggin::train {

NarrowTable narrow_table(const torch::Tensor& words, std::int64_t width, const torch::Tensor& weights) {
  const torch::Tensor table = words.detach().to(torch::kFloat64);
  torch::Tensor weight =
      weights.defined() ? weights.to(torch::kFloat64) : torch::ones({table.size(0)}, torch::kFloat64);
  weight = (weight / weight.sum()).unsqueeze(1);  // [V, 1]
  const torch::Tensor mean = (weight * table).sum(0);
  const torch::Tensor centred = table - mean;
  const torch::Tensor moments = centred.t().matmul(weight * centred).contiguous();  // [D, D]
  const Eigen::Index D = moments.size(0);
  const Eigen::Map<const Eigen::MatrixXd> symmetric(moments.const_data_ptr<double>(), D, D);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);  // ascending eigenvalues
  const torch::Tensor projection = torch::empty({D, width}, torch::kFloat64);
  auto* to = projection.data_ptr<double>();
  for (Eigen::Index d = 0; d < D; ++d) {
    for (Eigen::Index e = 0; e < width; ++e) to[d * width + e] = solver.eigenvectors()(d, D - 1 - e);
  }
  return {centred.matmul(projection).to(torch::kFloat32), projection.to(torch::kFloat32), mean.to(torch::kFloat32)};
}

}  // namespace noggin::train
