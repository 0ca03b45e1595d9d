// The mean that every loss here ends with.
#pragma once

#include <torch/torch.h>

namespace noggin::distill {

// Stands for log 0: its exponential is exactly 0 and its gradient stays finite.
inline constexpr double kLogZero = -1e30;

// Mean of per_row [R] over the rows where counts [R] is 1; an exact 0 if there is none. The value of a row that
// does not count, NaN included, has no effect; its gradient is 0 times what autograd finds, which must be finite.
// total: a scalar to divide by in place of the sum of counts, if defined (losses.h).
inline torch::Tensor mean_over(const torch::Tensor& per_row, const torch::Tensor& counts, const torch::Tensor& total) {
  const torch::Tensor rows = total.defined() ? total.to(counts.options()) : counts.sum();
  return per_row.masked_fill(counts == 0, 0.0).sum() / rows.clamp_min(1.0);
}

}  // namespace noggin::distill
