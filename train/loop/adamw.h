// One pass of AdamW over a run of weights: clipping, both moments, decay, the weight and its moving average. Plain
// pointers, no LibTorch. Arithmetic is float, rounded after every operation, so that doing several steps of a run at
// once (adamw_idle_steps) gives the same bits as doing them one by one.
//
// First moments below 1e-20 and second moments below 1e-36 become 0. With epsilon >= 1e-9, the former changes a weight
// by at most 1e-20 / (1 - beta1) * rate / epsilon <= 1e-10 * rate over all later steps; the latter changes a
// denominator by a relative 1e-18 * second_inverse / epsilon <= 8e-9 at most. Both are below float's rounding.
#pragma once

#include <cstddef>

namespace noggin::train {

// The values shared by all weights of a kind in one step (Loshchilov, Hutter 2019, algorithm 2).
struct AdamWFactors {
  float gradient;  // clipping factor of the gradient
  float beta1, beta2;
  float keep;            // 1 - rate * decay
  float rate;            // rate / (1 - beta1^t)
  float second_inverse;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
  float average;  // weight of the new value in the moving average
};

// A run of weights; average may be null.
struct AdamWRun {
  float *value, *first, *second, *average;
};

void adamw_step(const AdamWFactors& factors, const AdamWRun& run, const float* gradient, std::size_t count);
// `steps` steps with zero gradient, in order, with the run kept in registers.
void adamw_idle_steps(const AdamWFactors* factors, std::size_t steps, const AdamWRun& run, std::size_t count);

double sum_of_squares(const float* x, std::size_t count);

}  // namespace noggin::train
