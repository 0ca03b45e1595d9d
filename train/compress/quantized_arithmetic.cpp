#include "train/compress/quantized_arithmetic.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <limits>

#include "spec/quant.h"
#include "train/compress/integer_linear.h"
#include "train/compress/learned_steps.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_attention.h"
#include "train/compress/quantized_feed_forward.h"
#include "train/compress/weight_step.h"
#include "train/model/fused_steps.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class FakeQuantize : public Function<FakeQuantize> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& scale) {
    const Tensor rows = x.contiguous();
    context->save_for_backward({rows, scale});
    return quantized_values(rows, scale).rounded * scale;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const LsqGradients result = lsq_gradients(saved[0], gradients[0].contiguous(), saved[1]);
    return {result.x, result.scale};
  }
};

class QuantizedLinear : public Function<QuantizedLinear> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Tensor& scale, bool rounded_gradients, const Grouping& grouping) {
    const Tensor rows = x.contiguous();
    const IntegerLinear layer = integer_linear(weight.cpu(), bias.cpu(), scale.item<float>(), grouping);
    context->saved_data["rounded"] = rounded_gradients && x.is_cpu();
    if (x.is_cpu()) {
      const Tensor quantized = quantized_rows(rows, scale.item<float>());
      context->save_for_backward({rows, scale, layer.weights, layer.output_scale, quantized});
      return integer_product(quantized, layer.packed);
    }
    // Elsewhere the same grid in float; sums of int8 weights are exact while K <= 1032 (TF32 must be off:
    // process_settings.cpp), those of int4 weights have float's rounding.
    const Tensor integers = layer.weights.to(x.device()), output_scale = layer.output_scale.to(x.device());
    context->save_for_backward({rows, scale, integers, output_scale, Tensor()});
    return (torch::linear(quantized_values(rows, scale).rounded, integers.to(x.dtype())) + layer.bias.to(x.device())) *
           output_scale;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &scale = saved[1], &integers = saved[2], &quantized = saved[4];
    const Tensor weight_scales = saved[3] / scale;  // [M]
    const OutputGradient output =
        output_gradient(gradients[0].contiguous(), weight_scales, context->saved_data["rounded"].toBool());
    const LsqGradients input = lsq_gradients(x, input_gradient(output, integers), scale);
    const Tensor rows = x.is_cpu() ? quantized : quantized_values(x, scale).rounded;
    return {input.x,     weight_gradient(output, rows, x.size(1), weight_scales, scale),
            output.sums, input.scale,
            Tensor(),    Tensor(),
            Tensor()};
  }
};

// Rows of a word table on the grid of their type.
QuantizedValues quantized_words(const Tensor& rows, spec::WeightType type, Tensor& scales) {
  scales = row_steps(rows, type);
  const spec::WeightRange range = spec::range_of(type);
  const Tensor position = rows * scales.reciprocal();
  return {position, position.clamp(range.low, range.high).round()};
}

void fake_quantize_row(const float* row, std::size_t width, spec::WeightType type, float* out) {
  const float step = weight_step(row, width, type);
  if (type == spec::WeightType::kInt8) return fake_quantize_weights(row, step, width, out);
  for (std::size_t i = 0; i < width; ++i) {
    out[i] = static_cast<float>(spec::quantize_weight(row[i], 1.0F / step, type)) * step;
  }
}

// Rows of a table as a device stores them (quantize_embedding), in one pass; gradients pass straight through. CPU only.
class FakeQuantizedRows : public Function<FakeQuantizedRows> {
 public:
  static Tensor forward(AutogradContext*, const Tensor& x, spec::WeightType type) {
    const Tensor in = x.contiguous(), out = torch::empty_like(in);
    const std::int64_t columns = in.size(1);
    const auto width = static_cast<std::size_t>(columns);
    at::parallel_for(0, in.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t at = begin * columns; at < end * columns; at += columns) {
        fake_quantize_row(read<float>(in) + at, width, type, write<float>(out) + at);
      }
    });
    return out;
  }
  static variable_list backward(AutogradContext*, const variable_list& gradients) { return {gradients[0], Tensor()}; }
};

// (integers of rows * integers of weight^T) * the weight's scales, times the rows' scales: in the order of the runtime.
class QuantizedProjection : public Function<QuantizedProjection> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight, spec::WeightType type) {
    Tensor scales;
    const Tensor integers = quantized_words(rows, type, scales).rounded;
    const format::FrozenTensor frozen = quantize_projection(weight.cpu().contiguous());
    const Tensor weight_integers = integers_of(frozen, weight).to(weight.device()).to(weight.dtype());
    const Tensor weight_scales = torch::tensor(frozen.floats).to(weight.device());  // [D]
    context->save_for_backward({integers, scales, weight_integers, weight_scales});
    // Sums of E products of at most 127 * 127 are exact in float32 while E <= 1040.
    return torch::linear(integers, weight_integers) * weight_scales * scales;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &integers = saved[0], &scales = saved[1], &weight_integers = saved[2], &weight_scales = saved[3];
    return {(gradients[0] * weight_scales).matmul(weight_integers), (gradients[0] * scales).t().matmul(integers),
            Tensor()};
  }
};

// exp(score - max) on the grid 0..127, gradient straight through.
Tensor quantized_exponent(const Tensor& exponent) {
  const Tensor quantized = (exponent.detach() * spec::kExponentSteps).round() / spec::kExponentSteps;
  return exponent + (quantized - exponent).detach();
}

}  // namespace

Tensor fake_quantize(const Tensor& x, const Tensor& scale) { return FakeQuantize::apply(x, scale); }

Tensor quantized_linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& scale,
                        bool rounded_gradients, std::uint32_t group, const Tensor& steps) {
  return QuantizedLinear::apply(x, with_step_gradient(weight, steps), bias, scale, rounded_gradients,
                                grouping_of(group, steps));
}

Tensor QuantizedArithmetic::embed(const Tensor& table, const Tensor& ids, spec::WeightType type) {
  const Tensor rows = torch::embedding(table, ids);
  if (rows.is_cpu()) return FakeQuantizedRows::apply(rows, type);
  const Tensor values = rows.detach();
  Tensor scales;
  const Tensor quantized = quantized_words(values, type, scales).rounded * scales;
  return rows + (quantized - values);
}

Tensor QuantizedArithmetic::project(const Tensor& rows, const Tensor& weight, spec::WeightType type) {
  return QuantizedProjection::apply(rows, weight, type);
}

Tensor QuantizedArithmetic::linear(const Tensor& x, const Linear& layer) {
  return quantized_linear(x, layer.weight, layer.bias, layer.input_scale, rounded_gradients_, layer.group, layer.steps);
}

Tensor QuantizedArithmetic::attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                                      const PackedBatch& batch) {
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

Tensor QuantizedArithmetic::self_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output,
                                           std::int64_t head_width, const PackedBatch& batch, Tensor* qkv) {
  if (qkv == nullptr && can_attend(x, head_width, batch)) {
    return quantized_attention(x, layer, output, head_width, batch, rounded_gradients_);
  }
  return Arithmetic::self_attention(x, layer, output, head_width, batch, qkv);
}

Tensor QuantizedArithmetic::activation(const Tensor& preactivation, const EncoderLayer& layer) {
  return torch::gelu(fake_quantize(preactivation, layer.preactivation_scale));
}

Tensor QuantizedArithmetic::feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down) {
  return x.is_cpu() ? quantized_feed_forward(x, layer, down, rounded_gradients_)
                    : Arithmetic::feed_forward(x, layer, down);
}

}  // namespace noggin::train
