#include "distill/softmax_losses.h"

#include <cmath>

#include "distill/row_mean.h"

namespace noggin::distill {
namespace {

using torch::Tensor;

// Teacher and student over the same K+1 groups, the tail last. A group that a row does not have (an unused entry, the
// tail of a full list) has probability 0 and a finite logarithm on both sides, so that its terms are exactly 0.
struct GroupedDistributions {
  Tensor teacher;      // [R, K+1] probabilities at temperature 1, not normalized
  Tensor log_student;  // [R, K+1] log q
  Tensor exists;       // [R, K+1] bool
  Tensor counts;       // [R] 1 for rows with a teacher
};

// Which classes a row does not list: [R, C] bool. Unused entries are written to a column C that is cut off.
Tensor unlisted_classes(const TeacherTargets& teacher, std::int64_t classes) {
  const Tensor index = teacher.classes.masked_fill(teacher.classes < 0, classes);
  const auto options = torch::TensorOptions().dtype(torch::kBool).device(index.device());
  return torch::ones({index.size(0), classes + 1}, options).scatter_(1, index, false).narrow(1, 0, classes);
}

// log q: the student's mass of each group, tempered and renormalized.
Tensor grouped_log_probabilities(const Tensor& logits, const Tensor& index, const Tensor& used, const Tensor& unlisted,
                                 double temperature) {
  const Tensor log_p = torch::log_softmax(logits, 1);                         // [R, C]
  const Tensor listed = log_p.gather(1, index).masked_fill(~used, kLogZero);  // [R, K]
  const Tensor others = log_p.masked_fill(~unlisted, kLogZero);
  const Tensor tail = torch::logsumexp(others, 1, true).clamp_min(kLogZero);
  const Tensor tempered = torch::cat({listed, tail}, 1) / temperature;
  return tempered - torch::logsumexp(tempered, 1, true);
}

GroupedDistributions grouped(const Tensor& logits, const TeacherTargets& teacher, double temperature) {
  const Tensor used = teacher.classes >= 0;                           // [R, K]
  const Tensor unlisted = unlisted_classes(teacher, logits.size(1));  // [R, C]
  // If every class is listed there is no tail, whatever rounding left of the sum.
  const Tensor has_tail = unlisted.any(1, true);  // [R, 1]
  const Tensor listed = teacher.probabilities.masked_fill(~used, 0.0);
  const Tensor tail = (1.0 - listed.sum(1, true)).clamp_min(0.0).masked_fill(~has_tail, 0.0);
  return {torch::cat({listed, tail}, 1),
          grouped_log_probabilities(logits, teacher.classes.clamp_min(0), used, unlisted, temperature),
          torch::cat({used, has_tail}, 1), rows_with_teacher(teacher).to(logits.dtype())};
}

// t of the header: p^(1/T), renormalized.
Tensor tempered(const Tensor& probabilities, double temperature) {
  const Tensor powers = probabilities.pow(1.0 / temperature);
  return powers / powers.sum(1, true).clamp_min(1e-30);
}

}  // namespace

Tensor rows_with_teacher(const TeacherTargets& teacher) { return (teacher.classes >= 0).any(1); }
Tensor rows_with_gold(const Tensor& labels) { return labels >= 0; }

Tensor distillation_kl(const Tensor& logits, const TeacherTargets& teacher, double temperature, const Tensor& total) {
  const GroupedDistributions groups = grouped(logits, teacher, temperature);
  const Tensor t = tempered(groups.teacher, temperature);
  const Tensor kl = (torch::xlogy(t, t) - (t * groups.log_student).masked_fill(t == 0, 0.0)).sum(1);
  return mean_over(kl, groups.counts, total) * (temperature * temperature);
}

Tensor reverse_kl(const Tensor& logits, const TeacherTargets& teacher, double temperature, const Tensor& total) {
  const GroupedDistributions groups = grouped(logits, teacher, temperature);
  const Tensor floored = groups.teacher.clamp_min(kSmallestTeacherMass).log().masked_fill(~groups.exists, kLogZero);
  const Tensor log_t = torch::log_softmax(floored / temperature, 1);
  const Tensor kl = groups.log_student.exp() * (groups.log_student - log_t);
  return mean_over(kl.sum(1), groups.counts, total) * (temperature * temperature);
}

Tensor jensen_shannon(const Tensor& logits, const TeacherTargets& teacher, double temperature, double beta,
                      const Tensor& total) {
  TORCH_CHECK(beta > 0.0 && beta < 1.0, "jensen_shannon: beta is ", beta,
              ", must be strictly between 0 and 1. "
              "Fix: use the forward KL for 0 and the reverse KL for 1");
  const GroupedDistributions groups = grouped(logits, teacher, temperature);
  const Tensor t = tempered(groups.teacher, temperature);
  const Tensor log_t = t.log().masked_fill(t == 0, kLogZero), &log_q = groups.log_student;
  const Tensor log_m = torch::logaddexp(log_t + std::log(beta), log_q + std::log1p(-beta));
  const Tensor each = beta * t * (log_t - log_m) + (1.0 - beta) * log_q.exp() * (log_q - log_m);
  return mean_over(each.sum(1), groups.counts, total) * (temperature * temperature);
}

Tensor divergence(Divergence kind, const Tensor& logits, const TeacherTargets& teacher, double temperature, double beta,
                  const Tensor& total) {
  switch (kind) {
    case Divergence::kForwardKl:
      return distillation_kl(logits, teacher, temperature, total);
    case Divergence::kReverseKl:
      return reverse_kl(logits, teacher, temperature, total);
    case Divergence::kJensenShannon:
      return jensen_shannon(logits, teacher, temperature, beta, total);
  }
  TORCH_CHECK(false, "divergence: unknown kind ", static_cast<int>(kind));
}

Tensor logits_kl(const Tensor& logits, const Tensor& teacher_logits, const Tensor& counts, double temperature,
                 const Tensor& total) {
  const Tensor log_t = torch::log_softmax(teacher_logits / temperature, 1);
  const Tensor log_q = torch::log_softmax(logits / temperature, 1);
  const Tensor kl = (log_t.exp() * (log_t - log_q)).sum(1);
  return mean_over(kl, counts.to(logits.dtype()), total) * (temperature * temperature);
}

Tensor gold_cross_entropy(const Tensor& logits, const Tensor& labels, double label_smoothing, const Tensor& total) {
  const Tensor counts = rows_with_gold(labels).to(logits.dtype());
  const Tensor log_p = torch::log_softmax(logits, 1);
  const Tensor gold = -log_p.gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1);
  const Tensor uniform = -log_p.mean(1);
  return mean_over((1.0 - label_smoothing) * gold + label_smoothing * uniform, counts, total);
}

}  // namespace noggin::distill
