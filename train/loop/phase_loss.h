// The loss of a recipe phase: the weighted sum of the losses against the teacher's answers and the gold labels.
#pragma once

#include "train/loop/batch_stream.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// What the losses of a step divide by: how many rows (texts, or tokens of a tagger) of the whole batch have a teacher,
// how many have gold, how many either, on how many the shipped model is right, its tokens and its texts. Scalars;
// undefined: the losses count the batch that they are given.
struct LossTotals {
  torch::Tensor teacher, gold, taught, shipped, tokens, texts;
};

// Of a batch that several processes share: this process's numbers, [6] double on the CPU, to be added up over all of
// them (loop/distributed.h); and the totals from that sum.
torch::Tensor loss_counts(const TrainingBatch& batch);
LossTotals loss_totals(const torch::Tensor& summed_counts);

// logits [R, C] of `batch` -> the loss, a scalar; with totals: this process's share of it. progress: fraction of the
// phase's steps already done, which sets the temperature.
torch::Tensor phase_loss(const Phase& phase, double progress, const torch::Tensor& logits, const TrainingBatch& batch,
                         const LossTotals& totals = {});

// Which rows have an answer of the teacher, or gold: [R] bool.
torch::Tensor taught_rows(const TrainingBatch& batch);

// The temperature of the phase's divergences.
double temperature_of(const Phase& phase, double progress);

}  // namespace noggin::train
