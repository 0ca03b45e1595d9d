// A linear layer in integers and the gradients of its product, shared by the differentiable steps of QAT. Without
// autograd; on the CPU unless stated otherwise.
#pragma once

#include "format/frozen_model.h"
#include "kernels/kernel_set.h"
#include "kernels/pack.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {

struct IntegerLinear {
  Tensor weights;                // [M, K] int8; of int4 weights int16: each times its sub-step
  Tensor bias;                   // [M] float integers, in steps of output_scale
  Tensor output_scale;           // [M], input_scale times the weights' scales
  runtime::PackedLinear packed;  // the same, packed for the kernels
};
// How a weight is grouped, as quantize_linear takes it. autograd functions do not look into it, so that `steps` may be
// undefined; their gradient is that of with_step_gradient (learned_steps.h).
struct Grouping {
  std::uint32_t group = 0;
  Tensor steps{};
};
inline Grouping grouping_of(std::uint32_t group, const Tensor& steps) {
  return {group, steps.defined() ? steps.detach() : steps};
}

IntegerLinear integer_linear(const Tensor& weight, const Tensor& bias, float input_scale, const Grouping& grouping);

// Packed for the kernels; inputs: K.
runtime::PackedLinear packed_linear(const format::FrozenTensor& frozen, std::uint32_t inputs, std::uint32_t group);

// The frozen integers in the shape of `weight`, times their sub-steps if they have such.
Tensor integers_of(const format::FrozenTensor& frozen, const Tensor& weight);

// int8 rows [N, stride] of x [N, K]; the padding may hold anything.
Tensor quantized_rows(const Tensor& x, float input_scale);
// The runtime's kernel: exact sums. quantized [N, stride] -> [N, M].
Tensor integer_product(const Tensor& quantized, const runtime::PackedLinear& packed);

// The gradient of a product [N, M], prepared for the products of the backward pass: times the weights' scales [M], in
// bfloat16 if `rounded`. Also its sums over rows, float [M], which are the gradient of the bias.
struct OutputGradient {
  Tensor scaled, sums;
};
OutputGradient output_gradient(const Tensor& gradient, const Tensor& weight_scales, bool rounded);
// [N, K], of the rounded input, in the type of gradient.scaled. Any device.
Tensor input_gradient(const OutputGradient& gradient, const Tensor& weights);
// [M, K] float. rows: integers [N, K or more]. Any device.
Tensor weight_gradient(const OutputGradient& gradient, const Tensor& rows, std::int64_t inputs,
                       const Tensor& weight_scales, const Tensor& input_scale);

// x / scale before rounding, and the same after. Any device.
struct QuantizedValues {
  Tensor position, rounded;
};
QuantizedValues quantized_values(const Tensor& x, const Tensor& scale);
// LSQ: inside the range, x gets its gradient as if nothing were rounded. The scale learns from the rounding error
// inside the range and from the end of the range outside it. x: float, contiguous; gradient of the rounded x: float or
// bfloat16, contiguous. Any device; one pass on the CPU.
struct LsqGradients {
  Tensor x, scale;
};
LsqGradients lsq_gradients(const Tensor& x, const Tensor& gradient, const Tensor& scale);

}  // namespace noggin::train
