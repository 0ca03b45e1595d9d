// The loss of a recipe phase: the weighted sum of the losses against the teacher's answers and the gold labels.
#pragma once

#include "train/loop/batch_stream.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// What the losses of a step divide by: how many rows (texts, or tokens of a tagger) of the whole batch have a teacher,
// how many have gold, on how many the shipped model is right, its tokens and its texts. Scalars; undefined: the losses
// count the batch that they are given.
struct LossTotals {
  torch::Tensor teacher, gold, shipped, tokens, texts;
};

// Of a batch that several processes share: this process's numbers, [5] double on the CPU, to be added up over all of
// them (loop/distributed.h); and the totals from that sum.
torch::Tensor loss_counts(const TrainingBatch& batch);
LossTotals loss_totals(const torch::Tensor& summed_counts);

// logits [R, C] of `batch` -> the loss, a scalar; with totals: this process's share of it. progress: fraction of the
// phase's steps already done, which sets the temperature.
torch::Tensor phase_loss(const Phase& phase, double progress, const torch::Tensor& logits, const TrainingBatch& batch,
                         const LossTotals& totals = {});

}  // namespace noggin::train
