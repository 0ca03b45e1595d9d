#include "train/loop/phase_loss.h"

namespace noggin::train {
namespace {

using torch::Tensor;

// The recipe may not depend on distill/, so it has its own enumerators, in the same order.
static_assert(static_cast<int>(Divergence::kJensenShannon) == static_cast<int>(distill::Divergence::kJensenShannon));
static_assert(static_cast<int>(TemperatureCurve::kCosine) == static_cast<int>(distill::TemperatureCurve::kCosine));

Tensor teacher_loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch,
                    const Tensor& total) {
  const double temperature = temperature_of(phase, progress);
  if (batch.gold_values.defined()) return distill::binary_kl(logits, batch.teacher, temperature, total);
  return distill::divergence(static_cast<distill::Divergence>(phase.divergence), logits, batch.teacher, temperature,
                             phase.beta, total);
}

Tensor gold_loss(const Phase& phase, const Tensor& logits, const TrainingBatch& batch, const Tensor& total) {
  if (batch.gold_values.defined()) return distill::binary_cross_entropy(logits, batch.gold_values, batch.labels, total);
  return distill::gold_cross_entropy(logits, batch.labels, phase.label_smoothing, total);
}

}  // namespace

Tensor taught_rows(const TrainingBatch& batch) {
  return distill::rows_with_teacher(batch.teacher).logical_or(distill::rows_with_gold(batch.labels));
}

double temperature_of(const Phase& phase, double progress) {
  return distill::temperature_at(
      {static_cast<distill::TemperatureCurve>(phase.temperature_curve), phase.temperature, phase.final_temperature},
      progress);
}

Tensor loss_counts(const TrainingBatch& batch) {
  const auto count = [](const Tensor& rows) { return rows.sum().item<double>(); };
  return torch::tensor({count(distill::rows_with_teacher(batch.teacher)), count(distill::rows_with_gold(batch.labels)),
                        count(taught_rows(batch)),
                        batch.shipped.classes.defined() ? count(distill::rows_with_teacher(batch.shipped)) : 0.0,
                        static_cast<double>(batch.packed.token_ids.numel()), static_cast<double>(batch.packed.texts)},
                       torch::kFloat64);
}

LossTotals loss_totals(const Tensor& summed_counts) {
  return {summed_counts[0], summed_counts[1], summed_counts[2], summed_counts[3], summed_counts[4], summed_counts[5]};
}

Tensor phase_loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch,
                  const LossTotals& totals) {
  Tensor loss = torch::zeros({}, logits.options());
  if (phase.teacher_weight > 0.0)
    loss = loss + phase.teacher_weight * teacher_loss(phase, progress, logits, batch, totals.teacher);
  if (phase.gold_weight > 0.0) loss = loss + phase.gold_weight * gold_loss(phase, logits, batch, totals.gold);
  if (batch.shipped.classes.defined()) {
    loss = loss + phase.keep_weight *
                      distill::distillation_kl(logits, batch.shipped, temperature_of(phase, progress), totals.shipped);
  }
  return loss;
}

}  // namespace noggin::train
