#include "train/compress/quantized_arithmetic.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <limits>

#include "kernels/kernel_set.h"
#include "kernels/pack.h"
#include "spec/quant.h"
#include "train/compress/quantize_student.h"

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

Tensor dequantized_weight(const format::FrozenTensor& frozen, std::int64_t rows, std::int64_t columns, float input_scale) {
  const Tensor integers = torch::empty({rows, columns});
  float* out = integers.data_ptr<float>();
  for (std::size_t i = 0; i < frozen.values.size(); ++i) out[i] = frozen.values[i];
  const Tensor scales = torch::tensor(frozen.floats).view({rows, 1}) / input_scale;
  return integers * scales;
}

// The runtime's kernels on a float batch: quantize the rows, multiply exactly.
Tensor integer_product(const Tensor& x, const runtime::PackedLinear& packed, float input_scale) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = x.size(0), inputs = x.size(1);
  const std::size_t stride = spec::padded_inputs(static_cast<std::size_t>(inputs));
  const Tensor quantized = torch::zeros({rows, static_cast<std::int64_t>(stride)}, torch::kInt8);
  const Tensor y = torch::empty({rows, static_cast<std::int64_t>(packed.outputs)});
  const float* source = x.const_data_ptr<float>();
  auto* integers = quantized.data_ptr<std::int8_t>();
  float* out = y.data_ptr<float>();
  const float inverse = 1.0F / input_scale;
  at::parallel_for(0, rows, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      kernels.quantize(source + r * inputs, static_cast<std::size_t>(inputs), inverse,
                       integers + static_cast<std::size_t>(r) * stride);
    }
    kernels.linear(packed.view(), integers + static_cast<std::size_t>(begin) * stride, stride,
                   static_cast<std::size_t>(end - begin), out + begin * packed.outputs);
  });
  return y;
}

class QuantizedLinear : public Function<QuantizedLinear> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const Tensor& scale) {
    const Tensor rows = x.contiguous();
    const float input_scale = scale.item<float>();
    const format::FrozenTensor frozen =
        quantize_linear(weight.cpu().contiguous(), bias.cpu().contiguous(), input_scale);
    const Tensor weight_hat =
        dequantized_weight(frozen, weight.size(0), weight.size(1), input_scale).to(weight.device());
    context->save_for_backward({rows, weight_hat, scale});
    if (x.is_cpu()) {
      const runtime::PackedLinear packed = runtime::pack_linear(
          frozen.values.data(), frozen.bias.data(), frozen.floats.data(), static_cast<std::uint32_t>(weight.size(0)),
          static_cast<std::uint32_t>(weight.size(1)));
      return integer_product(rows, packed, input_scale);
    }
    // Elsewhere the same grid in float; sums are exact while K <= 1032 (TF32 must be off: trainer.cpp).
    const Tensor output_scale = torch::tensor(frozen.floats).to(x.device());
    const Tensor weight_integers = (weight_hat * (input_scale / output_scale).unsqueeze(1)).round();
    const Tensor bias_integers = torch::tensor(frozen.bias).to(x.device()).to(x.dtype());
    return (torch::linear(on_grid(rows, scale).rounded, weight_integers) + bias_integers) * output_scale;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight_hat = saved[1], &scale = saved[2];
    const Tensor& gradient = gradients[0];                              // [N, M]
    const OnGrid grid = on_grid(x, scale);
    const LsqGradients input = lsq_gradients(gradient.matmul(weight_hat), grid);
    const Tensor weight_gradient = gradient.t().matmul(grid.rounded * scale);
    return {input.x, weight_gradient, gradient.sum(0), input.scale};
  }
};

// exp(score - max) on the grid 0..127, gradient straight through.
Tensor quantized_exponent(const Tensor& exponent) {
  const Tensor grid = (exponent.detach() * spec::kExponentSteps).round() / spec::kExponentSteps;
  return exponent + (grid - exponent).detach();
}

}  // namespace

Tensor fake_quantize(const Tensor& x, const Tensor& scale) { return FakeQuantize::apply(x, scale); }

Tensor quantized_linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& scale) {
  return QuantizedLinear::apply(x, weight, bias, scale);
}

Tensor QuantizedArithmetic::embed(const Tensor& table, const Tensor& ids) {
  const Tensor rows = torch::embedding(table, ids);
  const Tensor values = rows.detach();
  const Tensor scale =
      (std::get<0>(values.abs().max(1, true)) / spec::kWeightLimit).clamp_min(spec::kSmallestScale);
  const Tensor grid = (values * scale.reciprocal()).clamp(-spec::kWeightLimit, spec::kWeightLimit).round() * scale;
  return rows + (grid - values);
}

Tensor QuantizedArithmetic::linear(const Tensor& x, const Linear& layer) {
  return quantized_linear(x, layer.weight, layer.bias, layer.input_scale);
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
  return join_heads(exponent.matmul(value) / exponent.sum(3, true), batch);
}

Tensor QuantizedArithmetic::activation(const Tensor& preactivation, const EncoderLayer& layer) {
  return torch::gelu(fake_quantize(preactivation, layer.preactivation_scale));
}

}  // namespace noggin::train
