// What the teacher thought, as losses. Pure functions of logits and targets; each returns the mean over the rows that
// have the target, or an exact 0 (still differentiable) when none has.
#pragma once

#include <torch/torch.h>

namespace noggin::distill {

// A batch of (possibly truncated) teacher distributions at temperature 1.
struct TeacherTargets {
  torch::Tensor classes;        // [B, K] int64, -1: unused entry
  torch::Tensor probabilities;  // [B, K] float; the mass missing to 1 is the tail
};

// T^2 * KL(teacher || student) at temperature T (Hinton, Vinyals, Dean 2015, eq. 1 and the T^2 of section 2.1), for logs
// that list only some classes: the unlisted mass is one bucket. With p the listed probabilities and
// p_tail = max(0, 1 - sum p), and the student's softmax summed over the same groups, both sides are tempered as
// p^(1/T) and renormalised:
//   t_i = p_i^(1/T) / sum_j p_j^(1/T)      q_i likewise from the student      loss = T^2 * sum_i t_i * log(t_i / q_i)
// With every class listed this is the dense loss softmax(z/T), because p^(1/T) renormalised is softmax(log p / T).
// logits [B, C]; rows without any listed class do not count.
torch::Tensor distillation_kl(const torch::Tensor& logits, const TeacherTargets& teacher, double temperature);

// Cross-entropy with gold classes, label smoothing e: (1-e) on the gold class, e spread evenly over all classes
// (Szegedy et al. 2016, section 7). labels [B] int64, -1: row does not count.
torch::Tensor gold_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels, double label_smoothing);

}  // namespace noggin::distill
