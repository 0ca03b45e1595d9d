#include "distill/representation_losses.h"

#include <cmath>

#include "distill/row_mean.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

// Dot products of each head's vectors, scaled, and log 0 for padding keys: [B, heads, T, T].
Tensor relation_scores(const RelationVectors& vectors, std::int64_t heads, const Tensor& padding) {
  const std::int64_t width = vectors.left.size(2);
  TORCH_CHECK(heads > 0 && width % heads == 0 && vectors.right.size(2) == width, "relation_loss: vectors of width ",
              width, " and ", vectors.right.size(2), " do not divide into ", heads,
              " heads. Fix: choose a divisor of both widths");
  const auto split = [&](const Tensor& side) {  // [B, T, D] -> [B, heads, T, W]
    // Zeroed, because 0 * NaN of a padding slot would reach the gradients of real tokens.
    const Tensor clean = side.masked_fill(padding.unsqueeze(2), 0.0);
    return clean.reshape({side.size(0), side.size(1), heads, width / heads}).transpose(1, 2);
  };
  const Tensor scores = torch::matmul(split(vectors.left), split(vectors.right).transpose(2, 3));
  const Tensor scaled = scores / std::sqrt(static_cast<double>(width / heads));
  return scaled.masked_fill(padding.unsqueeze(1).unsqueeze(1), kLogZero);
}

}  // namespace

Tensor hidden_state_loss(const Tensor& student, const Tensor& teacher, const Tensor& projection, const Tensor& counts,
                         const Tensor& total) {
  const Tensor unused = (counts == 0).unsqueeze(1);  // [N, 1]
  const Tensor clean = student.masked_fill(unused, 0.0);
  const Tensor projected = projection.defined() ? torch::matmul(clean, projection) : clean;
  const Tensor difference = projected - teacher.detach().masked_fill(unused, 0.0);  // [N, E]
  return mean_over(difference.square().mean(1), (counts != 0).to(student.dtype()), total);
}

Tensor attention_map_loss(const Tensor& student, const Tensor& teacher, const Tensor& real, const Tensor& total) {
  const Tensor is_real = real != 0;
  const Tensor pairs = (is_real.unsqueeze(2) & is_real.unsqueeze(1)).unsqueeze(1);  // [B, 1, T, T]
  const Tensor difference = (student - teacher.detach()).masked_fill(~pairs, 0.0);
  const Tensor per_head = difference.square().sum({2, 3}) / pairs.sum({2, 3}).clamp_min(1);  // [B, H]
  return mean_over(per_head.mean(1), is_real.any(1).to(student.dtype()), total);
}

Tensor relation_loss(const RelationVectors& student, const RelationVectors& teacher, std::int64_t heads,
                     const Tensor& real, const Tensor& total) {
  const Tensor padding = real == 0;
  const RelationVectors fixed{teacher.left.detach(), teacher.right.detach()};
  const Tensor log_t = torch::log_softmax(relation_scores(fixed, heads, padding), 3);  // [B, heads, T, T]
  const Tensor log_q = torch::log_softmax(relation_scores(student, heads, padding), 3);
  const Tensor t = log_t.exp();
  const Tensor kl = (t * (log_t - log_q)).masked_fill(t == 0, 0.0).sum(3).mean(1);  // [B, T]
  return mean_over(kl.flatten(), (real != 0).to(student.left.dtype()).flatten(), total);
}

}  // namespace noggin::distill
