#include "train/loop/phase_loss.h"

namespace noggin::train {
namespace {

using torch::Tensor;

// The recipe may not depend on distill/, so it has its own enumerators, in the same order.
static_assert(static_cast<int>(Divergence::kJensenShannon) == static_cast<int>(distill::Divergence::kJensenShannon));
static_assert(static_cast<int>(TemperatureCurve::kCosine) == static_cast<int>(distill::TemperatureCurve::kCosine));

Tensor teacher_loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch) {
  const double temperature = distill::temperature_at(
      {static_cast<distill::TemperatureCurve>(phase.temperature_curve), phase.temperature, phase.final_temperature},
      progress);
  if (batch.gold_values.defined()) return distill::binary_kl(logits, batch.teacher, temperature);
  return distill::divergence(static_cast<distill::Divergence>(phase.divergence), logits, batch.teacher, temperature,
                             phase.beta);
}

Tensor gold_loss(const Phase& phase, const Tensor& logits, const TrainingBatch& batch) {
  if (batch.gold_values.defined()) return distill::binary_cross_entropy(logits, batch.gold_values, batch.labels);
  return distill::gold_cross_entropy(logits, batch.labels, phase.label_smoothing);
}

}  // namespace

Tensor phase_loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch) {
  Tensor loss = torch::zeros({}, logits.options());
  if (phase.teacher_weight > 0.0) loss = loss + phase.teacher_weight * teacher_loss(phase, progress, logits, batch);
  if (phase.gold_weight > 0.0) loss = loss + phase.gold_weight * gold_loss(phase, logits, batch);
  return loss;
}

}  // namespace noggin::train
