// The definition of every operation (spec/NUMERICS.md), written to be read.
#include "kernels/attention_scratch.h"
#include "kernels/reference_kernels.h"
#include "spec/formulas.h"
#include "spec/quant.h"
#include "spec/row_formulas.h"

namespace noggin::runtime::reference {
namespace {

// Adds sum_g step[n, g] * (sum over k of group g of a[k] * q[n, k]) for the outputs of one panel.
void add_int4_products(const spec::LinearView& weight, std::size_t panel, const std::int8_t* a, std::int32_t* sum) {
  const std::size_t groups = weight.inputs / weight.group, first = panel * spec::kPanelOutputs;
  const std::int8_t* w = weight.panels + spec::int4_panel_offset(first, 0, weight.inputs);
  const std::int8_t* steps = weight.steps + spec::step_offset(first, 0, groups);
  for (std::size_t g = 0; g < groups; ++g, steps += spec::kPanelOutputs) {
    std::int32_t of_group[spec::kPanelOutputs] = {};
    for (std::size_t k = 0; k < weight.group; k += 2 * spec::kPanelInputs, a += 2 * spec::kPanelInputs) {
      for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) {
        for (std::size_t i = 0; i < spec::kPanelInputs; ++i) {
          const std::int8_t both = w[n * spec::kPanelInputs + i];
          const auto low = static_cast<std::int8_t>(static_cast<std::uint8_t>(both) << 4U);
          of_group[n] += a[i] * (low >> 4) + a[i + spec::kPanelInputs] * (both >> 4);
        }
      }
      w += spec::kPanelOutputs * spec::kPanelInputs;
    }
    for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) sum[n] += steps[n] * of_group[n];
  }
}

void add_int8_products(const spec::LinearView& weight, std::size_t panel, const std::int8_t* a, std::int32_t* sum) {
  const std::size_t inputs_padded = spec::padded_inputs(weight.inputs);
  const std::int8_t* w = weight.panels + panel * inputs_padded * spec::kPanelOutputs;
  for (std::size_t k = 0; k < inputs_padded; k += spec::kPanelInputs) {
    for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) {
      for (std::size_t i = 0; i < spec::kPanelInputs; ++i) sum[n] += a[k + i] * w[n * spec::kPanelInputs + i];
    }
    w += spec::kPanelOutputs * spec::kPanelInputs;
  }
}

// float(sum_k a[k] * w[n, k] + bias[n]) * scale[n] for the 16 outputs of one panel.
void panel_product(const spec::LinearView& weight, std::size_t panel, const std::int8_t* a, float* y) {
  const spec::LinearColumn* columns = weight.columns + panel * spec::kPanelOutputs;
  std::int32_t sum[spec::kPanelOutputs];
  for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) sum[n] = columns[n].bias;
  if (weight.group > 0) {
    add_int4_products(weight, panel, a, sum);
  } else {
    add_int8_products(weight, panel, a, sum);
  }
  for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) y[n] = spec::dequantize(sum[n], columns[n].scale);
}

// One head, one query (counted from begin_query): weights of all keys, then the weighted values.
void attend(const AttentionArguments& arguments, std::size_t head, std::size_t query, std::int32_t* exponents) {
  const std::size_t width = arguments.head_width, group = arguments.heads * width;
  const std::int8_t* q = arguments.qkv + (arguments.begin_query + query) * arguments.qkv_stride + head * width;
  const std::int8_t* k = arguments.qkv + group + head * width;
  const std::int8_t* v = k + group;
  std::int32_t max = 0;
  for (std::size_t j = 0; j < arguments.tokens; ++j) {
    std::int32_t dot = 0;
    for (std::size_t c = 0; c < width; ++c) dot += q[c] * k[j * arguments.qkv_stride + c];
    exponents[j] = dot;
    if (j == 0 || dot > max) max = dot;
  }
  std::int32_t denominator = 0;
  for (std::size_t j = 0; j < arguments.tokens; ++j) {
    exponents[j] = spec::attention_exponent(exponents[j] - max, arguments.score_scale);
    denominator += exponents[j];
  }
  const float factor = arguments.value_scale / static_cast<float>(denominator);
  std::int8_t* context = arguments.context + query * arguments.context_stride + head * width;
  for (std::size_t c = 0; c < width; ++c) {
    std::int32_t numerator = 0;
    for (std::size_t j = 0; j < arguments.tokens; ++j) numerator += exponents[j] * v[j * arguments.qkv_stride + c];
    context[c] = spec::quantize_activation(static_cast<float>(numerator) * factor, arguments.context_inverse_scale);
  }
}

}  // namespace

void embed(const spec::EmbeddingView& word, const spec::EmbeddingView& position, const std::uint32_t* ids,
           std::size_t tokens, float* x) {
  const std::size_t width = word.columns;
  for (std::size_t t = 0; t < tokens; ++t) {
    const float word_scale = word.scales[ids[t]], position_scale = position.scales[t];
    for (std::size_t d = 0; d < width; ++d) {
      x[t * width + d] =
          static_cast<float>(word.at(ids[t], d)) * word_scale + static_cast<float>(position.at(t, d)) * position_scale;
    }
  }
}

void add_layer_norm(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                    const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                    std::size_t quantized_stride) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* x_row = x + row * width;
    spec::layer_norm(x_row, residual == nullptr ? nullptr : residual + row * width, width, gamma, beta, epsilon);
    if (quantized != nullptr) quantize(x_row, width, inverse_scale, quantized + row * quantized_stride);
  }
}

void linear(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows, float* y) {
  float product[spec::kPanelOutputs];
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t n = 0; n < weight.outputs; ++n) {
      const std::size_t lane = n % spec::kPanelOutputs;
      if (lane == 0) panel_product(weight, n / spec::kPanelOutputs, a + row * a_stride, product);
      y[row * weight.outputs + n] = product[lane];
    }
  }
}

void linear_quantized(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                      const float* inverse_scale, const std::int8_t* lookup, std::int8_t* out, std::size_t out_stride) {
  float product[spec::kPanelOutputs];
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t n = 0; n < weight.outputs; ++n) {
      const std::size_t lane = n % spec::kPanelOutputs;
      if (lane == 0) panel_product(weight, n / spec::kPanelOutputs, a + row * a_stride, product);
      const std::int8_t q = spec::quantize_activation(product[lane], inverse_scale[n]);
      out[row * out_stride + n] = lookup == nullptr ? q : lookup[q + 128];
    }
  }
}

void attention(const AttentionArguments& arguments) {
  auto* exponents = reinterpret_cast<std::int32_t*>(arguments.scratch);  // [T]
  for (std::size_t head = 0; head < arguments.heads; ++head) {
    for (std::size_t query = 0; query < arguments.query_count(); ++query) attend(arguments, head, query, exponents);
  }
}

void mean_pool(const float* x, std::size_t tokens, std::size_t width, float* out) {
  const auto count = static_cast<float>(tokens);
  for (std::size_t d = 0; d < width; ++d) {
    float sum = x[d];
    for (std::size_t t = 1; t < tokens; ++t) sum += x[t * width + d];
    out[d] = sum / count;
  }
}

void quantize(const float* x, std::size_t count, float inverse_scale, std::int8_t* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = spec::quantize_activation(x[i], inverse_scale);
}

}  // namespace noggin::runtime::reference

namespace noggin::runtime {

const KernelSet& reference_kernels() {
  static constexpr KernelSet kSet = {"reference",
                                     reference::embed,
                                     reference::add_layer_norm,
                                     reference::linear,
                                     reference::linear_quantized,
                                     reference::attention,
                                     reference::mean_pool,
                                     reference::quantize};
  return kSet;
}

std::size_t attention_scratch_bytes(std::size_t tokens, std::size_t head_width) {
  const std::size_t vectors = AttentionScratchSizes(tokens, head_width).total();
  const std::size_t tiles = TileScratchSizes(tokens, head_width).total();
  return vectors > tiles ? vectors : tiles;
}

}  // namespace noggin::runtime
