// The self-attention of a layer in QAT as one step, for batches that can_attend(). Between its two products only int8
// rows, quantized positions and exponents are kept.
#pragma once

#include "train/model/packed_batch.h"
#include "train/model/student.h"

namespace noggin::train {

// x [N, D] -> [N, D]. output: layer.attention_output, masked or not. rounded_gradients: see QuantizedArithmetic.
Tensor quantized_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output, std::int64_t head_width,
                           const PackedBatch& batch, bool rounded_gradients);

}  // namespace noggin::train
