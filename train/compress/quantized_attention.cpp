#include "train/compress/quantized_attention.h"

#include <ATen/Parallel.h>

#include "spec/layout.h"
#include "train/compress/integer_linear.h"
#include "train/compress/learned_steps.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// Texts are processed in groups of neighbours large enough for a product, small enough that intermediates stay in
// cache.
constexpr std::int64_t kRowsPerGroup = 64;

struct Texts {
  std::vector<std::int64_t> starts;  // [B + 1], first row of each text
  std::int64_t heads, width;

  std::int64_t columns() const { return heads * width; }  // H*W
  std::int64_t rows(std::size_t text) const { return starts[text + 1] - starts[text]; }
  HeadShape shape(std::size_t text, std::int64_t context_stride) const {
    const auto part = static_cast<std::size_t>(columns());
    return {static_cast<std::size_t>(rows(text)),    static_cast<std::size_t>(width), 3 * part, part, 2 * part,
            static_cast<std::size_t>(context_stride)};
  }
  std::int64_t positions(std::size_t text) const { return 4 * rows(text) * width; }  // of one head
  std::int64_t saved(std::size_t text) const {
    return static_cast<std::int64_t>(shape(text, 0).saved_floats_quantized());
  }
  std::int64_t first_position(std::size_t text) const { return 4 * starts[text] * columns(); }
  std::vector<std::int64_t> first_saved() const {  // [B + 1]
    std::vector<std::int64_t> offsets{0};
    for (std::size_t b = 0; b + 1 < starts.size(); ++b) offsets.push_back(offsets.back() + heads * saved(b));
    return offsets;
  }
  // First text of each group, and the number of texts.
  std::vector<std::size_t> groups() const {
    std::vector<std::size_t> first{0};
    for (std::size_t b = 1; b + 1 < starts.size(); ++b) {
      if (starts[b] - starts[first.back()] >= kRowsPerGroup) first.push_back(b);
    }
    first.push_back(starts.size() - 1);
    return first;
  }
};

// run(group, first text, last text)
template <typename Run>
void over_groups(const std::vector<std::size_t>& groups, const Run& run) {
  at::parallel_for(0, static_cast<std::int64_t>(groups.size()) - 1, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto group = static_cast<std::size_t>(begin); group < static_cast<std::size_t>(end); ++group) {
      run(group, groups[group], groups[group + 1]);
    }
  });
}

struct Attended {
  Tensor context;    // [N, stride] int8
  Tensor positions;  // [B: [H, 4, T, W]] QuantizedPosition
  Tensor saved;      // [B: [H, saved]]
};

Attended attend_texts(const Tensor& quantized, const runtime::PackedLinear& qkv, const Texts& texts,
                      const HeadScales& scales) {
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  const std::vector<std::int64_t> first_saved = texts.first_saved();
  const std::int64_t rows = quantized.size(0), stride = quantized.size(1), outputs = 3 * texts.columns();
  const auto context_stride = static_cast<std::int64_t>(spec::padded_inputs(static_cast<std::size_t>(texts.columns())));
  const Attended attended{torch::empty({rows, context_stride}, torch::kInt8),
                          torch::empty({4 * texts.starts.back() * texts.columns()}, torch::kInt16),
                          torch::empty({first_saved.back()})};
  over_groups(texts.groups(), [&](std::size_t, std::size_t begin, std::size_t end) {
    thread_local std::vector<float> products;  // of the group; the heads use thread_scratch()
    const std::int64_t first = texts.starts[begin], count = texts.starts[end] - first;
    products.resize(static_cast<std::size_t>(count * outputs));
    kernels.linear(qkv.view(), read<std::int8_t>(quantized) + first * stride, static_cast<std::size_t>(stride),
                   static_cast<std::size_t>(count), products.data());
    for (std::size_t text = begin; text < end; ++text) {
      const HeadShape shape = texts.shape(text, context_stride);
      const std::int64_t row = texts.starts[text];
      for (std::int64_t head = 0; head < texts.heads; ++head) {
        attend_quantized(
            products.data() + (row - first) * outputs + head * texts.width, shape, scales,
            write<std::int8_t>(attended.context) + row * context_stride + head * texts.width,
            write<QuantizedPosition>(attended.positions) + texts.first_position(text) + head * texts.positions(text),
            write<float>(attended.saved) + first_saved[text] + head * texts.saved(text),
            thread_scratch(shape.scratch_floats()));
      }
    }
  });
  clear_rows_behind(attended.context, texts.starts);
  return attended;
}

struct AttentionGradients {
  OutputGradient qkv;
  HeadScaleGradients scales;
};

// The sums of the groups are added in group order.
template <typename Element>
AttentionGradients attention_gradients(const Tensor& gradient, const Tensor& positions, const Tensor& saved,
                                       const Texts& texts, const HeadScales& scales, const Tensor& weight_scales) {
  const std::vector<std::size_t> groups = texts.groups();
  const std::vector<std::int64_t> first_saved = texts.first_saved();
  const std::int64_t outputs = 3 * texts.columns(), stride = gradient.size(1);
  const Tensor out = torch::empty({gradient.size(0), outputs}, gradient.options());
  const Tensor columns = torch::zeros({static_cast<std::int64_t>(groups.size()) - 1, outputs});
  std::vector<HeadScaleGradients> sums(groups.size() - 1);
  over_groups(groups, [&](std::size_t group, std::size_t begin, std::size_t end) {
    for (std::size_t text = begin; text < end; ++text) {
      const HeadShape shape = texts.shape(text, stride);
      const std::int64_t row = texts.starts[text];
      for (std::int64_t head = 0; head < texts.heads; ++head) {
        const std::int64_t column = head * texts.width;
        const AttendQuantizedBackward<Element> backward{
            read<QuantizedPosition>(positions) + texts.first_position(text) + head * texts.positions(text),
            read<float>(saved) + first_saved[text] + head * texts.saved(text),
            scales,
            read<Element>(gradient) + row * stride + column,
            read<float>(weight_scales) + column,
            write<Element>(out) + row * outputs + column,
            write<float>(columns) + static_cast<std::int64_t>(group) * outputs + column};
        attend_quantized_gradients(backward, shape, &sums[group], thread_scratch(shape.scratch_floats()));
      }
    }
  });
  clear_rows_behind(out, texts.starts);
  HeadScaleGradients total;
  for (const HeadScaleGradients& group : sums) {
    total.query += group.query;
    total.key += group.key;
    total.value += group.value;
    total.context += group.context;
  }
  return {{out, columns.sum(0)}, total};
}

class QuantizedAttention : public Function<QuantizedAttention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& qkv_weight, const Tensor& qkv_bias,
                        const Tensor& input_scale, const Tensor& query_scale, const Tensor& key_scale,
                        const Tensor& value_scale, const Tensor& output_weight, const Tensor& output_bias,
                        const Tensor& context_scale, Texts texts, bool rounded_gradients, const Grouping& qkv_grouping,
                        const Grouping& output_grouping) {
    const Tensor rows = x.contiguous(), quantized = quantized_rows(rows, input_scale.item<float>());
    const IntegerLinear qkv = integer_linear(qkv_weight, qkv_bias, input_scale.item<float>(), qkv_grouping);
    const IntegerLinear output =
        integer_linear(output_weight, output_bias, context_scale.item<float>(), output_grouping);
    const Attended attended =
        attend_texts(quantized, qkv.packed, texts, scales_of(query_scale, key_scale, value_scale, context_scale));
    context->save_for_backward({rows, quantized, qkv.weights, qkv.output_scale, input_scale, query_scale, key_scale,
                                value_scale, attended.context, attended.positions, attended.saved, output.weights,
                                output.output_scale, context_scale});
    context->saved_data["starts"] = texts.starts;
    context->saved_data["heads"] = texts.heads;
    context->saved_data["width"] = texts.width;
    context->saved_data["rounded"] = rounded_gradients;
    return integer_product(attended.context, output.packed);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &quantized = saved[1], &qkv_weights = saved[2], &input_scale = saved[4],
                 &attended = saved[8], &output_weights = saved[11], &context_scale = saved[13];
    const Tensor qkv_scales = saved[3] / input_scale, output_scales = saved[12] / context_scale;
    const Texts texts{context->saved_data["starts"].toIntVector(), context->saved_data["heads"].toInt(),
                      context->saved_data["width"].toInt()};
    const bool rounded = context->saved_data["rounded"].toBool();
    const OutputGradient output = output_gradient(gradients[0].contiguous(), output_scales, rounded);
    const auto attend = rounded ? attention_gradients<Bf16> : attention_gradients<float>;
    const AttentionGradients inner = attend(input_gradient(output, output_weights), saved[9], saved[10], texts,
                                            scales_of(saved[5], saved[6], saved[7], context_scale), qkv_scales);
    const LsqGradients input = lsq_gradients(x, input_gradient(inner.qkv, qkv_weights), input_scale);
    const std::int64_t count = texts.starts.back() * texts.columns();
    return {input.x,
            weight_gradient(inner.qkv, quantized, x.size(1), qkv_scales, input_scale),
            inner.qkv.sums,
            input.scale,
            lsq_scale_gradient(inner.scales.query, count),
            lsq_scale_gradient(inner.scales.key, count),
            lsq_scale_gradient(inner.scales.value, count),
            weight_gradient(output, attended, texts.columns(), output_scales, context_scale),
            output.sums,
            lsq_scale_gradient(inner.scales.context, x.size(0) * texts.columns()),
            Tensor(),
            Tensor(),
            Tensor(),
            Tensor()};
  }

 private:
  static HeadScales scales_of(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& context) {
    return {query.item<float>(), key.item<float>(), value.item<float>(), context.item<float>()};
  }
};

}  // namespace

Tensor quantized_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output, std::int64_t head_width,
                           const PackedBatch& batch, bool rounded_gradients) {
  const Linear& qkv = layer.qkv;
  return QuantizedAttention::apply(
      x, with_step_gradient(qkv.weight, qkv.steps), qkv.bias, qkv.input_scale, layer.query_scale, layer.key_scale,
      layer.value_scale, with_step_gradient(output.weight, output.steps), output.bias, output.input_scale,
      Texts{batch.starts, qkv.weight.size(0) / (3 * head_width), head_width}, rounded_gradients,
      grouping_of(qkv.group, qkv.steps), grouping_of(output.group, output.steps));
}

}  // namespace noggin::train
