// Losses of C yes/no questions: multi-label tasks, and scores (C = 1). logits [R, C]; the answer of a class is
// sigmoid(logit). A row's loss is the mean over its classes, so that its size does not depend on their number.
#pragma once

#include <torch/torch.h>

#include "distill/softmax_losses.h"

namespace noggin::distill {

// The KL of each class's yes/no distribution from the teacher's (for T = 1 and the sum over classes: the KL of
// independent Bernoulli variables):
//   T^2 * (t * log(t / q) + (1 - t) * log((1 - t) / (1 - q)))
//   t = sigmoid(logit(p) / T) = p^(1/T) / (p^(1/T) + (1-p)^(1/T))      q = sigmoid(z / T)
// It equals distillation_kl for the two logits {z, 0}. p = 0 and p = 1 stay unchanged at every T.
// probabilities [R, C] in [0, 1], independent of each other; values outside by rounding are clamped. has_teacher [R]:
// rows with 0 do not count.
torch::Tensor binary_kl(const torch::Tensor& logits, const torch::Tensor& probabilities,
                        const torch::Tensor& has_teacher, double temperature, const torch::Tensor& total = {});

// The same for a log that lists some classes: the others have probability 0. There is no sum rule and no tail.
// Rows that list no class do not count: a teacher that means "none of them" lists a class with probability 0.
torch::Tensor binary_kl(const torch::Tensor& logits, const TeacherTargets& teacher, double temperature,
                        const torch::Tensor& total = {});

// Cross-entropy with gold values g in [0, 1], which may be soft:  -g * log sigmoid(z) - (1 - g) * log sigmoid(-z)
// gold [R, C]; labels [R] int64: rows with -1 do not count.
torch::Tensor binary_cross_entropy(const torch::Tensor& logits, const torch::Tensor& gold, const torch::Tensor& labels,
                                   const torch::Tensor& total = {});

}  // namespace noggin::distill
