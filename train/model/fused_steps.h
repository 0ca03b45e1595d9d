// The steps of row_kernels.h as differentiable functions of tensors. On another device, in another type or at a width that
// is no multiple of kLanes each of them says the same through LibTorch.
#pragma once

#include "train/model/packed_batch.h"
#include "train/kernels/row_kernels.h"
#include "train/model/student.h"

namespace noggin::train {

// What a sub-layer hands on: the residual stream in float, and the same as products take it (bfloat16, or residual again).
struct Streams {
  Tensor residual, input;  // [N, D]
};

// layer_norm(drop_input(x) + residual), then drop_output; `residual` may be undefined. x float or bfloat16.
struct NormOptions {
  double epsilon = 1e-12;
  double drop_input = 0.0, drop_output = 0.0;  // which elements follows from LibTorch's generator
  bool rounded_input = false;                  // Streams::input in bfloat16
};
Streams add_norm(const Tensor& x, const Tensor& residual, const Norm& norm, const NormOptions& options);

Tensor fused_gelu(const Tensor& x);

// x * weight^T + bias in bfloat16 with sums in float; x [N, K] bfloat16, weight and bias float with float gradients.
Tensor rounded_linear(const Tensor& x, const Tensor& weight, const Tensor& bias);

// Outside of autograd, on the CPU, contiguous:
Tensor rounded_to_bf16(const Tensor& x);  // to nearest
// x [N, M] float, times factors [M] (undefined: 1), to bfloat16; and the sums of x over rows, float [M].
struct RoundedColumns {
  Tensor rounded, sums;
};
RoundedColumns rounded_columns(const Tensor& x, const Tensor& factors);
// x [M, K] bfloat16 -> float, its rows times factors [M] (undefined: 1).
Tensor scaled_rows(const Tensor& x, const Tensor& factors);

// Whether there are fused steps for attention over this batch: short texts on the CPU.
bool can_attend(const Tensor& x, std::int64_t head_width, const PackedBatch& batch);
// qkv [N, 3*H*W] -> context [N, H*W], every text over its own tokens.
Tensor attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch);

// Mean over each text's tokens: [N, D] float -> [B, D].
Tensor mean_of_texts(const Tensor& x, const PackedBatch& batch);

}  // namespace noggin::train
