#include "engine/forward.h"

#include <algorithm>

#include "spec/tensor_table.h"

namespace noggin::runtime {
namespace {

// Names a step only when somebody listens: names are strings.
class Tracer {
 public:
  explicit Tracer(TraceSink* sink) : sink_(sink) {}

  template <typename T>
  void operator()(const char* step, const T* values, std::size_t rows, std::size_t columns, std::size_t stride) const {
    if (sink_ != nullptr) sink_->record(step, values, rows, columns, stride);
  }
  template <typename T>
  void operator()(std::size_t layer, const char* part, const T* values, std::size_t rows, std::size_t columns,
                  std::size_t stride) const {
    if (sink_ != nullptr) sink_->record(spec::layer_name(layer, part), values, rows, columns, stride);
  }

 private:
  TraceSink* sink_;
};

}  // namespace

std::span<const float> forward(const format::ModelView& model, const PreparedModel& prepared, const KernelSet& kernels,
                               const Workspace& w, std::size_t tokens, TraceSink* sink) {
  const Tracer trace(sink);
  const spec::ModelConfig& config = model.config;
  const std::size_t T = tokens, D = config.width, W = config.head_width, C = config.classes;
  const float epsilon = config.layer_norm_epsilon;

  kernels.embed(model.word, model.position, w.token_ids, T, w.x);  // x [T, D]
  kernels.add_layer_norm(w.x, nullptr, T, D, model.embedding_norm_gamma, model.embedding_norm_beta, epsilon,
                         prepared.layers[0].attention_input_inverse_scale, w.input, w.input_stride);
  trace("embeddings.norm", w.x, T, D, D);

  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const format::LayerView& layer = model.layers[i];
    const PreparedLayer& ready = prepared.layers[i];
    const bool last = i + 1 == model.layers.size();
    const std::size_t H = config.layers[i].heads, F = config.layers[i].ffn_width;
    trace(i, "attention.input", w.input, T, D, w.input_stride);

    kernels.linear_quantized(layer.qkv, w.input, w.input_stride, T, ready.qkv_inverse_scale, nullptr, w.qkv,
                             w.qkv_stride);  // [T, 3*H*W]
    trace(i, "attention.qkv", w.qkv, T, 3 * H * W, w.qkv_stride);
    kernels.attention({w.qkv, w.qkv_stride, w.context, w.context_stride, T, H, W, ready.score_scale, layer.value_scale,
                       ready.context_inverse_scale, w.attention_scratch});  // [T, H*W]
    trace(i, "attention.context", w.context, T, H * W, w.context_stride);
    kernels.linear(layer.attention_output, w.context, w.context_stride, T, w.y);  // [T, D]
    trace(i, "attention.output", w.y, T, D, D);
    kernels.add_layer_norm(w.x, w.y, T, D, layer.attention_norm_gamma, layer.attention_norm_beta, epsilon,
                           ready.ffn_input_inverse_scale, w.input, w.input_stride);
    trace(i, "attention.norm", w.x, T, D, D);
    trace(i, "ffn.input", w.input, T, D, w.input_stride);

    kernels.linear_quantized(layer.ffn_up, w.input, w.input_stride, T, ready.ffn_up_inverse_scale, ready.gelu, w.hidden,
                             w.hidden_stride);  // [T, F]
    trace(i, "ffn.hidden", w.hidden, T, F, w.hidden_stride);
    kernels.linear(layer.ffn_down, w.hidden, w.hidden_stride, T, w.y);  // [T, D]
    trace(i, "ffn.down", w.y, T, D, D);
    kernels.add_layer_norm(w.x, w.y, T, D, layer.ffn_norm_gamma, layer.ffn_norm_beta, epsilon,
                           last ? 0.0F : prepared.layers[i + 1].attention_input_inverse_scale,
                           last ? nullptr : w.input, w.input_stride);
    trace(i, "ffn.norm", w.x, T, D, D);
  }

  if (config.pooling == spec::Pooling::kMean) {
    kernels.mean_pool(w.x, T, D, w.pooled);  // [D]
  } else {
    std::copy_n(w.x, D, w.pooled);
  }
  trace("pooled", w.pooled, 1, D, D);
  kernels.quantize(w.pooled, D, prepared.head_input_inverse_scale, w.input);
  trace("head.input", w.input, 1, D, w.input_stride);
  kernels.linear(model.classifier, w.input, w.input_stride, 1, w.logits);  // [C]
  trace("head.classifier", w.logits, 1, C, C);
  return {w.logits, C};
}

}  // namespace noggin::runtime
