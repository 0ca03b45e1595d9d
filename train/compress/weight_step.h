// The step of a row of weights: what is chosen from the weights alone, before or instead of learning it.
#pragma once

#include <cstddef>

#include "spec/weight_type.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {

// int8: the largest magnitude maps to the end of the range. int4: of sixteen steps that clip nothing to three fifths of
// the row, the one with the least squared error; on a pretrained word table that error is 35 % below the largest
// magnitude's, and 64 steps would lower it by a further 0.5 % (compress/README.md). The same bits on every machine.
float weight_step(const float* row, std::size_t count, spec::WeightType type);

// The same for each row of rows [N, K]: [N, 1], where the rows are.
Tensor row_steps(const Tensor& rows, spec::WeightType type);
// For each group of so many inputs of weight [M, K], in int4: [M, K / group].
Tensor group_steps(const Tensor& weight, std::int64_t group);

}  // namespace noggin::train
