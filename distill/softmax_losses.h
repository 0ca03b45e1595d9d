// Losses of a distribution over C classes, against the teacher's, of which a log lists only some classes, or the gold
// class. logits [R, C]: one row per text, or per token of a tagger. Extra dense memory: one mask of R x C bytes.
#pragma once

#include <torch/torch.h>

namespace noggin::distill {

// A batch of (possibly truncated) teacher distributions at temperature 1. Rows that list no class have no teacher.
struct TeacherTargets {
  torch::Tensor classes;        // [R, K] int64, -1: unused entry
  torch::Tensor probabilities;  // [R, K] float; the mass missing to 1 is the tail
};

// Which rows a loss against the teacher, or against gold labels, counts: [R] bool.
torch::Tensor rows_with_teacher(const TeacherTargets& teacher);
torch::Tensor rows_with_gold(const torch::Tensor& labels);

// All divergences below compare the same two distributions over K+1 groups: the listed classes, and all others as one.
// With p the listed probabilities, p_tail = max(0, 1 - sum p) and the student's softmax summed over the same groups,
// both sides are tempered as p^(1/T) and renormalized:
//   t_i = p_i^(1/T) / sum_j p_j^(1/T)      q_i likewise from the student
// If every class is listed, this is softmax(z/T), because p^(1/T) renormalized is softmax(log p / T), without a tail.
// All carry the factor T^2 (Hinton, Vinyals, Dean 2015, section 2.1), so that gradients keep their size when T changes.

// Forward KL (Hinton, Vinyals, Dean 2015, eq. 1):  T^2 * sum_i t_i * log(t_i / q_i)
torch::Tensor distillation_kl(const torch::Tensor& logits, const TeacherTargets& teacher, double temperature,
                              const torch::Tensor& total = {});

// Reverse KL (Gu et al. 2024, "MiniLLM", eq. 1):  T^2 * sum_i q_i * log(q_i / t_i)
// It is infinite where the teacher has no mass, so the teacher's mass of a group is at least kSmallestTeacherMass.
inline constexpr double kSmallestTeacherMass = 1e-12;
torch::Tensor reverse_kl(const torch::Tensor& logits, const TeacherTargets& teacher, double temperature,
                         const torch::Tensor& total = {});

// Generalized Jensen-Shannon divergence (Agarwal et al. 2024, "On-Policy Distillation", section 2), 0 < beta < 1:
//   T^2 * (beta * KL(t || m) + (1 - beta) * KL(q || m)),   m = beta * t + (1 - beta) * q
// beta = 0.5 is symmetric. It vanishes at both ends; divided by beta it tends to the forward KL for beta -> 0, and
// divided by 1 - beta to the reverse KL for beta -> 1. It is at most T^2 * H(beta) <= T^2 * log 2, so that single rows
// cannot dominate a batch. beta outside (0, 1): c10::Error.
torch::Tensor jensen_shannon(const torch::Tensor& logits, const TeacherTargets& teacher, double temperature,
                             double beta, const torch::Tensor& total = {});

enum class Divergence { kForwardKl, kReverseKl, kJensenShannon };

// The one of the three that `kind` names. beta: for kJensenShannon only.
torch::Tensor divergence(Divergence kind, const torch::Tensor& logits, const TeacherTargets& teacher,
                         double temperature, double beta, const torch::Tensor& total = {});

// Forward KL against a teacher of whom all logits are known, teacher_logits [R, C]:
//   T^2 * sum_c t_c * log(t_c / q_c),  t = softmax(teacher_logits / T),  q = softmax(logits / T)
// counts: [R] bool, which rows count.
torch::Tensor logits_kl(const torch::Tensor& logits, const torch::Tensor& teacher_logits, const torch::Tensor& counts,
                        double temperature, const torch::Tensor& total = {});

// Cross-entropy with gold classes, label smoothing e: (1-e) on the gold class, e spread evenly over all classes
// (Szegedy et al. 2016, section 7). labels [R] int64, -1: the row does not count.
torch::Tensor gold_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels, double label_smoothing,
                                 const torch::Tensor& total = {});

}  // namespace noggin::distill
