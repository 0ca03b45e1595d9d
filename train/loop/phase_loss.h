// What a phase of the recipe minimises: the teacher's answer and the gold labels, weighted.
#pragma once

#include "train/loop/batch_stream.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// logits [R, C] of `batch` -> the loss, a scalar. share: of the phase's steps that are done, which moves its temperature.
torch::Tensor phase_loss(const Phase& phase, double share, const torch::Tensor& logits, const TrainingBatch& batch);

}  // namespace noggin::train
