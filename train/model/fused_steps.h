// The steps of row_kernels.h as differentiable functions of tensors. On another device, for another type or for a width
// that is not a multiple of kLanes, each of them falls back to LibTorch operations with the same meaning.
#pragma once

#include "train/kernels/row_kernels.h"
#include "train/model/packed_batch.h"
#include "train/model/student.h"

namespace noggin::train {

// The output of a sub-layer: the residual stream in float, and the same values as input of products (bfloat16, or
// `residual` itself).
struct Streams {
  Tensor residual, input;  // [N, D]
};

// layer_norm(drop_input(x) + residual), then drop_output; `residual` may be undefined. x float or bfloat16.
struct NormOptions {
  double epsilon = 1e-12;
  double drop_input = 0.0, drop_output = 0.0;  // dropout probabilities; LibTorch's generator picks the elements
  bool rounded_input = false;                  // Streams::input in bfloat16
};
Streams add_norm(const Tensor& x, const Tensor& residual, const Norm& norm, const NormOptions& options);

Tensor fused_gelu(const Tensor& x);

// x * weight^T + bias in bfloat16 with sums in float; x [N, K] bfloat16, weight and bias float with float gradients.
Tensor rounded_linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

// Without autograd, on the CPU, contiguous:
Tensor rounded_to_bf16(const Tensor& x);  // to nearest
// x [N, M] float, times factors [M] (undefined: 1), to bfloat16; also returns the sums of x over rows, float [M].
struct RoundedColumns {
  Tensor rounded, sums;
};
RoundedColumns rounded_columns(const Tensor& x, const Tensor& factors);
// x [M, K] bfloat16 -> float, its rows times factors [M] (undefined: 1).
Tensor scaled_rows(const Tensor& x, const Tensor& factors);

// Whether the fused attention handles this batch: short texts on the CPU.
bool can_attend(const Tensor& x, std::int64_t head_width, const PackedBatch& batch);
// qkv [N, 3*H*W] -> context [N, H*W], every text over its own tokens.
Tensor attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch);

// Mean over each text's tokens: [N, D] float -> [B, D].
Tensor mean_of_texts(const Tensor& x, const PackedBatch& batch);

}  // namespace noggin::train
