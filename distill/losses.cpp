#include "distill/losses.h"

#include <limits>

namespace noggin::distill {
namespace {

using torch::Tensor;

// Stands for log 0: its exponential is exactly 0 and its gradient stays finite.
constexpr double kLogZero = -1e30;

// Mean over rows where counts is 1. [B], [B] -> scalar
Tensor mean_over(const Tensor& per_row, const Tensor& counts) {
  return (per_row * counts).sum() / counts.sum().clamp_min(1.0);
}

// Which classes a row lists: [B, C] bool.
Tensor listed_classes(const Tensor& logits, const Tensor& index, const Tensor& used) {
  return torch::zeros_like(logits).scatter_add(1, index, used.to(logits.dtype())) > 0.5;
}

// Log-probabilities of the student for the listed classes [B, K] and, last, for all others together: [B, K+1].
Tensor grouped_log_probabilities(const Tensor& logits, const Tensor& index, const Tensor& used, const Tensor& is_listed) {
  const Tensor log_p = torch::log_softmax(logits, 1);                                   // [B, C]
  const Tensor listed = log_p.gather(1, index).masked_fill(~used, kLogZero);            // [B, K]
  const Tensor others = log_p.masked_fill(is_listed, kLogZero);
  return torch::cat({listed, torch::logsumexp(others, 1, true).clamp_min(kLogZero)}, 1);
}

}  // namespace

Tensor distillation_kl(const Tensor& logits, const TeacherTargets& teacher, double temperature) {
  const Tensor used = teacher.classes >= 0;                                             // [B, K]
  const Tensor index = teacher.classes.clamp_min(0);
  const Tensor is_listed = listed_classes(logits.detach(), index, used);                // [B, C]
  const Tensor counts = used.any(1).to(logits.dtype());                                 // [B]
  const Tensor listed = teacher.probabilities.masked_fill(~used, 0.0);
  // Where every class is listed there is no tail, whatever rounding left of the sum.
  const Tensor has_tail = is_listed.logical_not().any(1, true).to(logits.dtype());
  const Tensor tail = (1.0 - listed.sum(1, true)).clamp_min(0.0) * has_tail;
  const Tensor tempered = torch::cat({listed, tail}, 1).pow(1.0 / temperature);         // [B, K+1]
  const Tensor t = tempered / tempered.sum(1, true).clamp_min(1e-30);

  const Tensor student = grouped_log_probabilities(logits, index, used, is_listed) / temperature;
  const Tensor log_q = student - torch::logsumexp(student, 1, true);
  const Tensor kl = (torch::xlogy(t, t) - torch::where(t > 0, t * log_q, torch::zeros_like(t))).sum(1);
  return mean_over(kl, counts) * (temperature * temperature);
}

Tensor gold_cross_entropy(const Tensor& logits, const Tensor& labels, double label_smoothing) {
  const Tensor counts = (labels >= 0).to(logits.dtype());
  const Tensor log_p = torch::log_softmax(logits, 1);
  const Tensor gold = -log_p.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
  const Tensor uniform = -log_p.mean(1);
  return mean_over((1.0 - label_smoothing) * gold + label_smoothing * uniform, counts);
}

}  // namespace noggin::distill
