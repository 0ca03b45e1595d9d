// The feed-forward part of a layer in QAT as one step, on the CPU: between its two products nothing but int8 rows and grid
// positions is kept. Same bits as product, GELU and product taken apart.
#pragma once

#include "train/model/student.h"

namespace noggin::train {

// x [N, D] -> [N, D]. down: layer.ffn_down, or what a mask made of it. rounded_gradients: QuantizedArithmetic.
Tensor quantized_feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down, bool rounded_gradients);

}  // namespace noggin::train
