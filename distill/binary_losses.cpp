#include "distill/binary_losses.h"

#include "distill/row_mean.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

// Rows that do not count get target 0, because 0 * NaN would reach the gradients.
Tensor clean(const Tensor& targets, const Tensor& counts) {
  return targets.masked_fill(~counts.unsqueeze(1), 0.0).clamp(0.0, 1.0);
}

// -t * log sigmoid(z) - (1 - t) * log sigmoid(-z), [R, C]; finite for every finite z.
Tensor cross_entropy(const Tensor& logits, const Tensor& t) {
  return -t * torch::log_sigmoid(logits) - (1.0 - t) * torch::log_sigmoid(-logits);
}

}  // namespace

Tensor binary_kl(const Tensor& logits, const Tensor& probabilities, const Tensor& has_teacher, double temperature,
                 const Tensor& total) {
  const Tensor counts = has_teacher != 0;  // [R]
  // logit(0) = -inf and logit(1) = inf, which the sigmoid maps back exactly.
  const Tensor t = torch::sigmoid(torch::logit(clean(probabilities, counts)) / temperature);
  const Tensor negative_entropy = torch::xlogy(t, t) + torch::xlogy(1.0 - t, 1.0 - t);
  const Tensor kl = negative_entropy + cross_entropy(logits / temperature, t);  // [R, C]
  return mean_over(kl.mean(1), counts.to(logits.dtype()), total) * (temperature * temperature);
}

Tensor binary_kl(const Tensor& logits, const TeacherTargets& teacher, double temperature, const Tensor& total) {
  const Tensor used = teacher.classes >= 0;  // [R, K]
  const Tensor listed = teacher.probabilities.to(logits.dtype()).masked_fill(~used, 0.0);
  // Added, not written: unused entries add 0 to class 0.
  const Tensor dense = torch::zeros_like(logits.detach()).scatter_add_(1, teacher.classes.clamp_min(0), listed);
  return binary_kl(logits, dense, rows_with_teacher(teacher), temperature, total);
}

Tensor binary_cross_entropy(const Tensor& logits, const Tensor& gold, const Tensor& labels, const Tensor& total) {
  const Tensor counts = rows_with_gold(labels);  // [R]
  return mean_over(cross_entropy(logits, clean(gold, counts)).mean(1), counts.to(logits.dtype()), total);
}

}  // namespace noggin::distill
