// Steps of int4 groups that are learned with the weights, instead of following them by least squared error (LSQ, Esser
// et al. 2020, eq. 3 and section 2.2, for each group of inputs).
#pragma once

#include "train/model/student.h"

namespace noggin::train {

// Gives every int4 layer a tensor of steps, which begin with the least squared error; layers of eight bits have none.
// set_groups() takes them away again.
void begin_learned_steps(Student& student);

// `weight` [M, K] itself, whose gradient also moves `steps` [M, K / group]: inside the range of int4 by the rounding
// error, outside by the end of the range, where the weight itself gets none. Gradient scale: 1 / sqrt(group * 7).
// Returns `weight` unchanged if `steps` is undefined.
Tensor with_step_gradient(const Tensor& weight, const Tensor& steps);

}  // namespace noggin::train
