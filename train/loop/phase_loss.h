// The loss of a recipe phase: the weighted sum of the losses against the teacher's answers and the gold labels.
#pragma once

#include "train/loop/batch_stream.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// logits [R, C] of `batch` -> the loss, a scalar. progress: fraction of the phase's steps already done, which sets the
// temperature.
torch::Tensor phase_loss(const Phase& phase, double progress, const torch::Tensor& logits, const TrainingBatch& batch);

}  // namespace noggin::train
