#include "train/compress/quantized_arithmetic.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/kernel_set.h"
#include "kernels/pack.h"
#include "spec/quant.h"
#include "train/compress/quantize_student.h"
#include "train/model/fused_steps.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The grid position of x before rounding, and the same after.
struct OnGrid {
  Tensor position, rounded;
};

OnGrid on_grid(const Tensor& x, const Tensor& scale) {
  const Tensor position = x * scale.reciprocal();
  return {position, position.clamp(spec::kActivationLow, spec::kActivationHigh).round()};
}

// LSQ: inside the range x learns as if nothing was rounded; the scale learns from rounding error inside the range and
// from the range's end outside.
struct LsqGradients {
  Tensor x, scale;
};
LsqGradients lsq_gradients(const Tensor& gradient, const OnGrid& grid) {
  const Tensor inside =
      (grid.position > spec::kActivationLow).logical_and(grid.position < spec::kActivationHigh).to(gradient.dtype());
  const double gradient_scale = 1.0 / std::sqrt(static_cast<double>(gradient.numel()) * 127.0);
  const Tensor scale = (gradient * (grid.rounded - grid.position * inside)).sum().view({1}) * gradient_scale;
  return {gradient * inside, scale};
}

class FakeQuantize : public Function<FakeQuantize> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale) {
    context->save_for_backward({x, scale});
    return on_grid(x, scale).rounded * scale;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const LsqGradients result = lsq_gradients(gradients[0], on_grid(saved[0], saved[1]));
    return {result.x, result.scale};
  }
};

// LSQ's gradients on the CPU in one pass; `gradient` float or bfloat16, `chain` one of row_kernels.h.
template <typename Element>
LsqGradients fused_lsq_gradients(const Tensor& x, const Tensor& gradient, const Tensor& scale,
                                 double (*chain)(const float*, float, const Element*, std::size_t, float*)) {
  const Tensor out = torch::empty_like(x);
  const float step = scale.item<float>();
  const float* in = x.const_data_ptr<float>();
  const auto* gradients = static_cast<const Element*>(gradient.const_data_ptr());
  float* to = out.data_ptr<float>();
  const std::int64_t tasks = (x.numel() + kElementsPerTask - 1) / kElementsPerTask;
  std::vector<double> sums(static_cast<std::size_t>(tasks));
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t at = task * kElementsPerTask, count = std::min(kElementsPerTask, x.numel() - at);
      sums[static_cast<std::size_t>(task)] =
          chain(in + at, step, gradients + at, static_cast<std::size_t>(count), to + at);
    }
  });
  const double total = std::accumulate(sums.begin(), sums.end(), 0.0);
  return {out, lsq_step_gradient(total, x.numel())};
}

// GELU(fake_quantize(x)) on the CPU.
class GeluOnGrid : public Function<GeluOnGrid> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale) {
    const Tensor in = x.contiguous(), out = torch::empty_like(in);
    const float step = scale.item<float>();
    at::parallel_for(0, in.numel(), kElementsPerTask, [&](std::int64_t begin, std::int64_t end) {
      gelu_on_grid(in.const_data_ptr<float>() + begin, step, static_cast<std::size_t>(end - begin),
                   out.data_ptr<float>() + begin);
    });
    context->save_for_backward({in, scale});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const LsqGradients result =
        fused_lsq_gradients<float>(saved[0], gradients[0].contiguous(), saved[1], gelu_on_grid_gradient);
    return {result.x, result.scale};
  }
};

// int8 rows [rows, stride] of a float batch.
Tensor quantized_rows(const Tensor& x, float input_scale) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = x.size(0), inputs = x.size(1);
  const auto stride = static_cast<std::int64_t>(spec::padded_inputs(static_cast<std::size_t>(inputs)));
  const Tensor quantized = torch::empty({rows, stride}, torch::kInt8);  // the padding may hold anything
  const float* source = x.const_data_ptr<float>();
  auto* integers = quantized.data_ptr<std::int8_t>();
  const float inverse = 1.0F / input_scale;
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      kernels.quantize(source + r * inputs, static_cast<std::size_t>(inputs), inverse, integers + r * stride);
    }
  });
  return quantized;
}

// The runtime's kernel: exact sums.
Tensor integer_product(const Tensor& quantized, const runtime::PackedLinear& packed) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = quantized.size(0), stride = quantized.size(1);
  const Tensor y = torch::empty({rows, static_cast<std::int64_t>(packed.outputs)});
  const auto* integers = quantized.const_data_ptr<std::int8_t>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    kernels.linear(packed.view(), integers + begin * stride, static_cast<std::size_t>(stride),
                   static_cast<std::size_t>(end - begin), out + begin * packed.outputs);
  });
  return y;
}

// The integers of a batch as bfloat16, which holds them exactly: [rows, width]
Tensor bf16_integers(const std::int8_t* values, std::int64_t stride, std::int64_t rows, std::int64_t width) {
  const Tensor out = torch::empty({rows, width}, torch::kBFloat16);
  auto* to = static_cast<Bf16*>(out.data_ptr());
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    widen_int8(values + begin * stride, static_cast<std::size_t>(stride), static_cast<std::size_t>(end - begin),
               static_cast<std::size_t>(width), to + begin * width);
  });
  return out;
}

// The frozen integers in the shape of `weight`, on the CPU.
Tensor integers_of(const format::FrozenTensor& frozen, const Tensor& weight) {
  const Tensor integers = torch::empty(weight.sizes(), torch::kInt8);
  std::copy(frozen.values.begin(), frozen.values.end(), integers.data_ptr<std::int8_t>());
  return integers;
}

class QuantizedLinear : public Function<QuantizedLinear> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Tensor& scale, bool rounded_gradients) {
    const Tensor rows = x.contiguous();
    const float input_scale = scale.item<float>();
    const format::FrozenTensor frozen =
        quantize_linear(weight.cpu().contiguous(), bias.cpu().contiguous(), input_scale);
    const Tensor integers = integers_of(frozen, weight);
    const Tensor output_scale = torch::tensor(frozen.floats);  // [M], input_scale times the weight's
    context->saved_data["rounded"] = rounded_gradients && x.is_cpu();
    if (x.is_cpu()) {
      const Tensor quantized = quantized_rows(rows, input_scale);
      context->save_for_backward({rows, scale, integers, output_scale, quantized});
      const runtime::PackedLinear packed = runtime::pack_linear(
          frozen.values.data(), frozen.bias.data(), frozen.floats.data(), static_cast<std::uint32_t>(weight.size(0)),
          static_cast<std::uint32_t>(weight.size(1)));
      return integer_product(quantized, packed);
    }
    // Elsewhere the same grid in float; sums are exact while K <= 1032 (TF32 must be off: process_settings.cpp).
    context->save_for_backward({rows, scale, integers.to(x.device()), output_scale.to(x.device()), Tensor()});
    const Tensor bias_integers = torch::tensor(frozen.bias).to(x.device()).to(x.dtype());
    return (torch::linear(on_grid(rows, scale).rounded, integers.to(x.device()).to(x.dtype())) + bias_integers) *
           output_scale.to(x.device());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &scale = saved[1], &integers = saved[2], &quantized = saved[4];
    const Tensor weight_scale = saved[3] / scale;       // [M]
    const Tensor gradient = gradients[0].contiguous();  // [N, M]
    const std::int64_t inputs = x.size(1);
    if (context->saved_data["rounded"].toBool()) {
      const RoundedColumns scaled = rounded_columns(gradient, weight_scale);
      const Tensor weight = bf16_integers(integers.const_data_ptr<std::int8_t>(), inputs, integers.size(0), inputs);
      const LsqGradients input =
          fused_lsq_gradients<Bf16>(x, scaled.rounded.matmul(weight).contiguous(), scale, grid_gradient);
      const Tensor rows =
          bf16_integers(quantized.const_data_ptr<std::int8_t>(), quantized.size(1), x.size(0), inputs);
      const Tensor weight_gradient = scaled_rows(scaled.rounded.t().matmul(rows), scale / weight_scale);
      return {input.x, weight_gradient, scaled.sums, input.scale, Tensor()};
    }
    const Tensor dx = gradient.matmul(integers.to(gradient.dtype()) * weight_scale.unsqueeze(1));
    const LsqGradients input = x.is_cpu() ? fused_lsq_gradients<float>(x, dx.contiguous(), scale, grid_gradient)
                                          : lsq_gradients(dx, on_grid(x, scale));
    const Tensor rounded = x.is_cpu() ? quantized.narrow(1, 0, inputs).to(torch::kFloat32) : on_grid(x, scale).rounded;
    return {input.x, gradient.t().matmul(rounded) * scale, gradient.sum(0), input.scale, Tensor()};
  }
};

// Rows of a word table on the int8 grid, each with the step of its largest magnitude.
OnGrid word_grid(const Tensor& rows, Tensor& steps) {
  steps = (std::get<0>(rows.abs().max(1, true)) / spec::kWeightLimit).clamp_min(spec::kSmallestScale);  // [N, 1]
  const Tensor position = rows * steps.reciprocal();
  return {position, position.clamp(-spec::kWeightLimit, spec::kWeightLimit).round()};
}

// Rows of a table as a device holds them (quantize_embedding), in one pass; gradients pass straight through. On the CPU.
class RowsOnGrids : public Function<RowsOnGrids> {
 public:
  static Tensor forward(AutogradContext*, const Tensor& x) {
    const Tensor in = x.contiguous(), out = torch::empty_like(in);
    const std::int64_t columns = in.size(1);
    const auto width = static_cast<std::size_t>(columns);
    at::parallel_for(0, in.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin * columns; at < end * columns; at += columns) {
        const float* row = read<float>(in) + at;
        weights_on_grid(row, spec::weight_scale(largest_magnitude(row, width), 0.0F, 1.0F), width, write<float>(out) + at);
      }
    });
    return out;
  }
  static variable_list backward(AutogradContext*, const variable_list& gradients) { return gradients; }
};

// (integers of rows * integers of weight^T) * the weight's steps, times the rows' steps: in this order, as the runtime does.
class QuantizedProjection : public Function<QuantizedProjection> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight) {
    Tensor steps;
    const Tensor integers = word_grid(rows, steps).rounded;
    const format::FrozenTensor frozen = quantize_projection(weight.cpu().contiguous());
    const Tensor weight_integers = integers_of(frozen, weight).to(weight.device()).to(weight.dtype());
    const Tensor weight_steps = torch::tensor(frozen.floats).to(weight.device());  // [D]
    context->save_for_backward({integers, steps, weight_integers, weight_steps});
    // Sums of E products of at most 127 * 127 are exact in float32 while E <= 1040.
    return torch::linear(integers, weight_integers) * weight_steps * steps;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &integers = saved[0], &steps = saved[1], &weight_integers = saved[2], &weight_steps = saved[3];
    return {(gradients[0] * weight_steps).matmul(weight_integers), (gradients[0] * steps).t().matmul(integers)};
  }
};

// exp(score - max) on the grid 0..127, gradient straight through.
Tensor quantized_exponent(const Tensor& exponent) {
  const Tensor grid = (exponent.detach() * spec::kExponentSteps).round() / spec::kExponentSteps;
  return exponent + (grid - exponent).detach();
}

}  // namespace

Tensor fake_quantize(const Tensor& x, const Tensor& scale) { return FakeQuantize::apply(x, scale); }

Tensor quantized_linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& scale,
                        bool rounded_gradients) {
  return QuantizedLinear::apply(x, weight, bias, scale, rounded_gradients);
}

Tensor QuantizedArithmetic::embed(const Tensor& table, const Tensor& ids) {
  const Tensor rows = torch::embedding(table, ids);
  if (rows.is_cpu()) return RowsOnGrids::apply(rows);
  const Tensor values = rows.detach();
  Tensor steps;
  const Tensor grid = word_grid(values, steps).rounded * steps;
  return rows + (grid - values);
}

Tensor QuantizedArithmetic::project(const Tensor& rows, const Tensor& weight) { return QuantizedProjection::apply(rows, weight); }

Tensor QuantizedArithmetic::linear(const Tensor& x, const Linear& layer) {
  return quantized_linear(x, layer.weight, layer.bias, layer.input_scale, rounded_gradients_);
}

Tensor QuantizedArithmetic::attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                                      const PackedBatch& batch) {
  if (can_attend(qkv, head_width, batch)) {
    return attend(qkv, head_width, batch, {layer.query_scale, layer.key_scale, layer.value_scale});
  }
  const SplitHeads heads = split_heads(qkv, layer.head_mask.size(0), head_width, batch);
  const Tensor query = fake_quantize(heads.query, layer.query_scale);
  const Tensor key = fake_quantize(heads.key, layer.key_scale);
  const Tensor value = fake_quantize(heads.value, layer.value_scale);
  const Tensor padding = batch.real.view({batch.texts, 1, 1, batch.longest}) < 0.5;
  const Tensor scores = (query.matmul(key.transpose(2, 3)) / std::sqrt(static_cast<double>(head_width)))
                            .masked_fill(padding, -std::numeric_limits<float>::infinity());  // [B, H, T, T]
  const Tensor exponent = quantized_exponent(torch::exp(scores - std::get<0>(scores.detach().max(3, true))));
  const Tensor context = join_heads(exponent.matmul(value) / exponent.sum(3, true), batch);
  return torch::constant_pad_nd(context, {0, 0, 0, qkv.size(0) - context.size(0)});
}

Tensor QuantizedArithmetic::activation(const Tensor& preactivation, const EncoderLayer& layer) {
  if (preactivation.is_cpu()) return GeluOnGrid::apply(preactivation, layer.preactivation_scale);
  return torch::gelu(fake_quantize(preactivation, layer.preactivation_scale));
}

}  // namespace noggin::train
