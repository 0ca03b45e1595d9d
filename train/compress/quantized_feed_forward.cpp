#include "train/compress/quantized_feed_forward.h"

#include <ATen/Parallel.h>

#include <array>

#include "spec/formulas.h"
#include "train/compress/integer_linear.h"
#include "train/compress/learned_steps.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The rows between the two products.
struct Middle {
  Tensor positions;  // [N, F] QuantizedPosition, before GELU
  Tensor hidden;     // [N, stride] int8, after GELU
};

Middle up_and_gelu(const Tensor& quantized, const runtime::PackedLinear& up, float scale, float hidden_scale) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::int64_t rows = quantized.size(0), stride = quantized.size(1), width = up.outputs;
  const auto hidden_stride = static_cast<std::int64_t>(spec::padded_inputs(up.outputs));
  const Middle middle{torch::empty({rows, width}, torch::kInt16), torch::empty({rows, hidden_stride}, torch::kInt8)};
  std::array<std::int8_t, spec::kGeluTableSize> table;
  spec::fill_gelu_table(scale, hidden_scale, table.data());
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    float* before = thread_scratch(static_cast<std::size_t>(kRowsPerTask * width));
    for (std::int64_t first = begin; first < end; first += kRowsPerTask) {
      const std::int64_t last = std::min(end, first + kRowsPerTask);
      kernels.linear(up.view(), read<std::int8_t>(quantized) + first * stride, static_cast<std::size_t>(stride),
                     static_cast<std::size_t>(last - first), before);
      for (std::int64_t row = first; row < last; ++row) {
        quantized_gelu(before + (row - first) * width, scale, table.data(), up.outputs,
                       write<QuantizedPosition>(middle.positions) + row * width,
                       write<std::int8_t>(middle.hidden) + row * hidden_stride);
      }
    }
  });
  return middle;
}

struct GeluGradients {
  OutputGradient up;  // of the first product
  Tensor preactivation_scale, hidden_scale;
};

// The sums of the tasks are added in task order.
template <typename Element>
GeluGradients gelu_gradients(const Tensor& positions, const Tensor& gradient, const Tensor& preactivation_scale,
                             const Tensor& hidden_scale, const Tensor& weight_scales) {
  const std::int64_t rows = positions.size(0), width = positions.size(1),
                     tasks = (rows + kRowsPerTask - 1) / kRowsPerTask;
  const QuantizedGeluBackward<Element> backward{read<QuantizedPosition>(positions), read<Element>(gradient),
                                                preactivation_scale.item<float>(), hidden_scale.item<float>(),
                                                read<float>(weight_scales)};
  const Tensor out = torch::empty_like(gradient), columns = torch::zeros({tasks, width});
  std::vector<QuantizedGeluSums> sums(static_cast<std::size_t>(tasks));
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      quantized_gelu_gradients(backward, static_cast<std::size_t>(width), static_cast<std::size_t>(task * kRowsPerTask),
                               static_cast<std::size_t>(std::min(rows, (task + 1) * kRowsPerTask)), write<Element>(out),
                               write<float>(columns) + task * width, &sums[static_cast<std::size_t>(task)]);
    }
  });
  QuantizedGeluSums total;
  for (const QuantizedGeluSums& task : sums) {
    total.before += task.before;
    total.hidden += task.hidden;
  }
  return {{out, columns.sum(0)},
          lsq_scale_gradient(total.before, positions.numel()),
          lsq_scale_gradient(total.hidden, positions.numel())};
}

class QuantizedFeedForward : public Function<QuantizedFeedForward> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& up_weight, const Tensor& up_bias,
                        const Tensor& input_scale, const Tensor& preactivation_scale, const Tensor& down_weight,
                        const Tensor& down_bias, const Tensor& hidden_scale, bool rounded_gradients,
                        const Grouping& up_grouping, const Grouping& down_grouping) {
    const Tensor rows = x.contiguous(), quantized = quantized_rows(rows, input_scale.item<float>());
    const IntegerLinear up = integer_linear(up_weight, up_bias, input_scale.item<float>(), up_grouping);
    const IntegerLinear down = integer_linear(down_weight, down_bias, hidden_scale.item<float>(), down_grouping);
    const Middle middle =
        up_and_gelu(quantized, up.packed, preactivation_scale.item<float>(), hidden_scale.item<float>());
    context->save_for_backward({rows, quantized, up.weights, up.output_scale, input_scale, middle.positions,
                                preactivation_scale, middle.hidden, down.weights, down.output_scale, hidden_scale});
    context->saved_data["rounded"] = rounded_gradients;
    return integer_product(middle.hidden, down.packed);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &quantized = saved[1], &up_weights = saved[2], &input_scale = saved[4],
                 &positions = saved[5], &preactivation_scale = saved[6], &hidden = saved[7], &down_weights = saved[8],
                 &hidden_scale = saved[10];
    const Tensor up_scales = saved[3] / input_scale, down_scales = saved[9] / hidden_scale;
    const bool rounded = context->saved_data["rounded"].toBool();
    const OutputGradient down = output_gradient(gradients[0].contiguous(), down_scales, rounded);
    const auto middle = rounded ? gelu_gradients<Bf16> : gelu_gradients<float>;
    const GeluGradients up =
        middle(positions, input_gradient(down, down_weights), preactivation_scale, hidden_scale, up_scales);
    const LsqGradients input = lsq_gradients(x, input_gradient(up.up, up_weights), input_scale);
    return {input.x,
            weight_gradient(up.up, quantized, x.size(1), up_scales, input_scale),
            up.up.sums,
            input.scale,
            up.preactivation_scale,
            weight_gradient(down, hidden, positions.size(1), down_scales, hidden_scale),
            down.sums,
            up.hidden_scale,
            Tensor(),
            Tensor(),
            Tensor()};
  }
};

}  // namespace

Tensor quantized_feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down, bool rounded_gradients) {
  const Linear& up = layer.ffn_up;
  return QuantizedFeedForward::apply(x, with_step_gradient(up.weight, up.steps), up.bias, up.input_scale,
                                     layer.preactivation_scale, with_step_gradient(down.weight, down.steps), down.bias,
                                     down.input_scale, rounded_gradients, grouping_of(up.group, up.steps),
                                     grouping_of(down.group, down.steps));
}

}  // namespace noggin::train
