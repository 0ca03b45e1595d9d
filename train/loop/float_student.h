// The best float student of a run as a teacher of the phases that make it smaller. Unlike the log's teacher it answers
// every row, and with all of its logits.
#pragma once

#include <memory>

#include "train/loop/phase_loss.h"
#include "train/model/forward.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

class FloatStudent {
 public:
  // precision: not kAuto.
  FloatStudent(Student student, Precision precision);

  // The phase's float_weight times the KL divergence of its answers (of each class, for tasks of independent classes)
  // to `batch`, over the rows that have an answer of the teacher, or gold. A scalar; it reads the batch as the student
  // does, swapped and dropped words included. progress, totals: as for phase_loss().
  Tensor loss(const Phase& phase, double progress, const Tensor& logits, const TrainingBatch& batch,
              const LossTotals& totals = {}) const;

 private:
  Student student_;
  std::unique_ptr<Arithmetic> arithmetic_;
};

}  // namespace noggin::train
