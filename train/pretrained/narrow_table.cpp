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

void take_narrow_words(const torch::Tensor& words, const torch::Tensor& counts, Student& student) {
  // Errors of words that are read more often cost more; but what is rare says more of a text.
  const torch::Tensor weights = counts.defined() ? (counts.to(torch::kFloat64) + 1.0).sqrt() : torch::Tensor();
  const NarrowTable narrow = narrow_table(words, student.config.encoder.embedding_width, weights);
  student.word.copy_(narrow.rows);
  student.word_projection.copy_(narrow.projection);
  student.position.add_(narrow.mean);
}

torch::Tensor whole_words(const Student& student) {
  return student.word_projection.defined() ? student.word.matmul(student.word_projection.t()) : student.word;
}

Student with_narrow_words(const Student& student, std::uint32_t width, const torch::Tensor& counts) {
  torch::NoGradGuard no_grad;
  Student narrow = copy_student(student, torch::kCPU);
  const torch::Tensor words = whole_words(narrow);
  narrow.config.encoder.embedding_width = width;
  narrow.word = torch::empty({words.size(0), std::int64_t{width}});
  narrow.word_projection = torch::empty({words.size(1), std::int64_t{width}});
  take_narrow_words(words, counts, narrow);
  return copy_student(narrow, student.word.device());
}

}  // namespace noggin::train
