#include "train/compress/integer_linear.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "spec/layout.h"
#include "spec/quant.h"
#include "train/compress/quantize_student.h"
#include "train/model/fused_steps.h"

namespace noggin::train {
namespace {

// The integers of a batch [N, width or more] as `type`: [N, width]. int8 exactly; int16 are rounded to bfloat16.
Tensor widened(const Tensor& integers, std::int64_t width, torch::ScalarType type) {
  const bool int8_on_cpu = integers.is_cpu() && integers.scalar_type() == torch::kInt8;
  if (type != torch::kBFloat16 || !int8_on_cpu) return integers.narrow(1, 0, width).to(type);
  const std::int64_t rows = integers.size(0), stride = integers.size(1);
  const Tensor out = torch::empty({rows, width}, torch::kBFloat16);
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    widen_int8(read<std::int8_t>(integers) + begin * stride, static_cast<std::size_t>(stride),
               static_cast<std::size_t>(end - begin), static_cast<std::size_t>(width),
               write<Bf16>(out) + begin * width);
  });
  return out;
}

template <typename Element>
LsqGradients fused_lsq_gradients(const Tensor& x, const Tensor& gradient, const Tensor& scale) {
  const Tensor out = torch::empty_like(x);
  const float input_scale = scale.item<float>();
  const std::int64_t tasks = (x.numel() + kElementsPerTask - 1) / kElementsPerTask;
  std::vector<double> sums(static_cast<std::size_t>(tasks));
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t at = task * kElementsPerTask, count = std::min(kElementsPerTask, x.numel() - at);
      sums[static_cast<std::size_t>(task)] =
          fake_quantize_gradient(read<float>(x) + at, input_scale, read<Element>(gradient) + at,
                                 static_cast<std::size_t>(count), write<float>(out) + at);
    }
  });
  return {out, lsq_scale_gradient(std::accumulate(sums.begin(), sums.end(), 0.0), x.numel())};
}

}  // namespace

Tensor integers_of(const format::FrozenTensor& frozen, const Tensor& weight) {
  const Tensor integers = torch::empty(weight.sizes(), torch::kInt8);
  std::copy(frozen.values.begin(), frozen.values.end(), integers.data_ptr<std::int8_t>());
  if (frozen.steps.empty()) return integers;
  const Tensor steps = torch::empty({static_cast<std::int64_t>(frozen.steps.size()), 1}, torch::kInt16);
  std::copy(frozen.steps.begin(), frozen.steps.end(), steps.data_ptr<std::int16_t>());
  return (integers.to(torch::kInt16).view({steps.size(0), -1}) * steps).view(weight.sizes());
}

runtime::PackedLinear packed_linear(const format::FrozenTensor& frozen, std::uint32_t inputs, std::uint32_t group) {
  const auto outputs = static_cast<std::uint32_t>(frozen.bias.size());
  if (group == 0) {
    return runtime::pack_linear(frozen.values.data(), frozen.bias.data(), frozen.floats.data(), outputs, inputs);
  }
  return runtime::pack_int4_linear(frozen.values.data(), frozen.steps.data(), frozen.bias.data(), frozen.floats.data(),
                                   outputs, inputs, group);
}

IntegerLinear integer_linear(const Tensor& weight, const Tensor& bias, float input_scale, const Grouping& grouping) {
  const format::FrozenTensor frozen =
      quantize_linear(weight.contiguous(), bias.contiguous(), input_scale, grouping.group, grouping.steps);
  return {integers_of(frozen, weight), torch::tensor(frozen.bias).to(torch::kFloat32), torch::tensor(frozen.floats),
          packed_linear(frozen, static_cast<std::uint32_t>(weight.size(1)), grouping.group)};
}

Tensor quantized_rows(const Tensor& x, float input_scale) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = x.size(0), inputs = x.size(1);
  const auto stride = static_cast<std::int64_t>(spec::padded_inputs(static_cast<std::size_t>(inputs)));
  const Tensor quantized = torch::empty({rows, stride}, torch::kInt8);
  const float inverse = 1.0F / input_scale;
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      kernels.quantize(read<float>(x) + r * inputs, static_cast<std::size_t>(inputs), inverse,
                       write<std::int8_t>(quantized) + r * stride);
    }
  });
  return quantized;
}

Tensor integer_product(const Tensor& quantized, const runtime::PackedLinear& packed) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = quantized.size(0), stride = quantized.size(1);
  const Tensor y = torch::empty({rows, static_cast<std::int64_t>(packed.outputs)});
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    kernels.linear(packed.view(), read<std::int8_t>(quantized) + begin * stride, static_cast<std::size_t>(stride),
                   static_cast<std::size_t>(end - begin), write<float>(y) + begin * packed.outputs);
  });
  return y;
}

OutputGradient output_gradient(const Tensor& gradient, const Tensor& weight_scales, bool rounded) {
  if (!rounded) return {gradient * weight_scales, gradient.sum(0)};
  const RoundedColumns columns = rounded_columns(gradient, weight_scales);
  return {columns.rounded, columns.sums};
}

Tensor input_gradient(const OutputGradient& gradient, const Tensor& weights) {
  return gradient.scaled.matmul(widened(weights, weights.size(1), gradient.scaled.scalar_type())).contiguous();
}

Tensor weight_gradient(const OutputGradient& gradient, const Tensor& rows, std::int64_t inputs,
                       const Tensor& weight_scales, const Tensor& input_scale) {
  const Tensor product = gradient.scaled.t().matmul(widened(rows, inputs, gradient.scaled.scalar_type()));
  const Tensor factors = input_scale / weight_scales;
  return is_bf16(product) ? scaled_rows(product, factors) : product * factors.unsqueeze(1);
}

QuantizedValues quantized_values(const Tensor& x, const Tensor& scale) {
  const Tensor position = x * scale.reciprocal();
  return {position, position.clamp(spec::kActivationLow, spec::kActivationHigh).round()};
}

LsqGradients lsq_gradients(const Tensor& x, const Tensor& gradient, const Tensor& scale) {
  if (x.is_cpu() && x.scalar_type() == torch::kFloat32) {
    return is_bf16(gradient) ? fused_lsq_gradients<Bf16>(x, gradient, scale)
                             : fused_lsq_gradients<float>(x, gradient, scale);
  }
  const QuantizedValues quantized = quantized_values(x, scale);
  const Tensor inside = (quantized.position > spec::kActivationLow)
                            .logical_and(quantized.position < spec::kActivationHigh)
                            .to(gradient.dtype());
  const Tensor sum = (gradient * (quantized.rounded - quantized.position * inside)).sum().view({1});
  return {gradient * inside, sum / std::sqrt(static_cast<double>(gradient.numel()) * 127.0)};
}

}  // namespace noggin::train
