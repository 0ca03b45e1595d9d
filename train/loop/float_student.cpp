#include "train/loop/float_student.h"

#include "train/loop/precision.h"

namespace noggin::train {

FloatStudent::FloatStudent(Student student, Precision precision)
    : student_(std::move(student)), arithmetic_(float_arithmetic(precision)) {}

Tensor FloatStudent::loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch,
                          const LossTotals& totals) const {
  Tensor wanted;
  {
    torch::NoGradGuard no_grad;
    wanted = forward(student_, batch.packed, *arithmetic_).to(logits.dtype());
  }
  const double temperature = temperature_of(phase, progress);
  const Tensor counts = taught_rows(batch);
  if (batch.gold_values.defined())
    return phase.float_weight * distill::binary_kl(logits, torch::sigmoid(wanted), counts, temperature, totals.taught);
  return phase.float_weight * distill::logits_kl(logits, wanted, counts, temperature, totals.taught);
}

}  // namespace noggin::train
