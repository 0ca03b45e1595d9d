// What a log keeps of a teacher's softmax.
#pragma once

#include <torch/torch.h>

#include "distill/softmax_losses.h"

namespace noggin::distill {

// The k most probable classes of each row of logits [R, C].
inline TeacherTargets top_classes_of(const torch::Tensor& teacher_logits, std::int64_t k) {
  const auto [values, classes] = torch::softmax(teacher_logits, 1).topk(k, 1);
  return {classes, values};
}

}  // namespace noggin::distill
