// The feed-forward part of a layer in QAT as one step, on the CPU. Between its two products only int8 rows and grid
// positions are kept. Same bits as the separate product, GELU and product.
#pragma once

#include "train/model/student.h"

namespace noggin::train {

// x [N, D] -> [N, D]. down: layer.ffn_down, masked or not. rounded_gradients: see QuantizedArithmetic.
Tensor quantized_feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down, bool rounded_gradients);

}  // namespace noggin::train
