#include "train/compress/quantized_forward.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "kernels/pack.h"
#include "spec/formulas.h"
#include "spec/quant.h"
#include "spec/row_formulas.h"
#include "spec/tensor_table.h"

namespace noggin::train {
namespace {

// Kernels require 64-byte aligned rows.
template <typename T>
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t count) : values_(new(std::align_val_t{64}) T[count]()) {}
  ~AlignedBuffer() { operator delete[](values_, std::align_val_t{64}); }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  T* data() { return values_; }

 private:
  T* values_;
};

struct QuantizedNorm {
  std::vector<float> gamma, beta;  // [D]
};

struct QuantizedEmbedding {
  std::vector<std::int8_t> values;  // [rows, D]
  std::vector<float> scales;        // [rows]
  spec::EmbeddingView view(std::uint32_t columns) const {
    return {values.data(), scales.data(), static_cast<std::uint32_t>(scales.size()), columns};
  }
};

runtime::PackedLinear pack(const format::FrozenTensor& tensor) {
  const std::size_t outputs = tensor.bias.size();
  return runtime::pack_linear(tensor.values.data(), tensor.bias.data(), tensor.floats.data(),
                              static_cast<std::uint32_t>(outputs),
                              static_cast<std::uint32_t>(tensor.values.size() / outputs));
}

// A row of int8 activations that may be read as K inputs or written as N outputs.
std::size_t row_stride(std::size_t columns) { return spec::round_up(columns, spec::kTensorAlignment); }

}  // namespace

struct QuantizedStudent::Layer {
  runtime::PackedLinear qkv, attention_output, ffn_up, ffn_down;
  QuantizedNorm attention_norm, ffn_norm;
  std::vector<float> qkv_inverse_scale;            // [padded 3*H*W]
  std::vector<float> preactivation_inverse_scale;  // [padded F]
  std::vector<std::int8_t> gelu;                   // [256]
  float input_inverse_scale, score_scale, value_scale, context_inverse_scale, ffn_input_inverse_scale;
};

struct QuantizedStudent::State {
  spec::ModelConfig config;
  QuantizedEmbedding word, position;
  runtime::PackedLinear word_projection;  // with config.embedding_width
  QuantizedNorm embedding_norm;
  std::vector<Layer> layers;
  runtime::PackedLinear classifier;
  float head_input_inverse_scale;
};

QuantizedStudent::~QuantizedStudent() = default;

QuantizedStudent::QuantizedStudent(const spec::ModelConfig& config,
                                   const std::map<std::string, format::FrozenTensor>& tensors)
    : state_(std::make_unique<State>()) {
  const auto scale = [&](const std::string& name) { return tensors.at(name).floats.at(0); };
  const auto norm = [&](const std::string& name) {
    return QuantizedNorm{tensors.at(name + ".gamma").floats, tensors.at(name + ".beta").floats};
  };
  const auto embedding = [&](const std::string& name) {
    return QuantizedEmbedding{tensors.at(name).values, tensors.at(name).floats};
  };
  state_->config = config;
  state_->word = embedding("embeddings.word");
  if (config.embedding_width > 0) state_->word_projection = pack(tensors.at("embeddings.projection"));
  state_->position = embedding("embeddings.position");
  state_->embedding_norm = norm("embeddings.norm");
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const std::size_t attention_width = config.layers[i].heads * config.head_width;  // H*W
    const float query = scale(name("attention.query")), key = scale(name("attention.key"));
    Layer layer;
    layer.qkv = pack(tensors.at(name("attention.qkv")));
    layer.attention_output = pack(tensors.at(name("attention.output")));
    layer.ffn_up = pack(tensors.at(name("ffn.up")));
    layer.ffn_down = pack(tensors.at(name("ffn.down")));
    layer.attention_norm = norm(name("attention.norm"));
    layer.ffn_norm = norm(name("ffn.norm"));
    layer.input_inverse_scale = 1.0F / scale(name("attention.input"));
    layer.score_scale = spec::attention_score_scale(query, key, config.head_width);
    layer.value_scale = scale(name("attention.value"));
    layer.context_inverse_scale = 1.0F / scale(name("attention.context"));
    layer.ffn_input_inverse_scale = 1.0F / scale(name("ffn.input"));
    layer.qkv_inverse_scale.assign(spec::padded_outputs(3 * attention_width), 1.0F / layer.value_scale);
    std::fill_n(layer.qkv_inverse_scale.begin(), attention_width, 1.0F / query);
    std::fill_n(layer.qkv_inverse_scale.begin() + static_cast<std::ptrdiff_t>(attention_width), attention_width,
                1.0F / key);
    const float preactivation = scale(name("ffn.preactivation"));
    layer.preactivation_inverse_scale.assign(spec::padded_outputs(config.layers[i].ffn_width), 1.0F / preactivation);
    layer.gelu.resize(spec::kGeluTableSize);
    spec::fill_gelu_table(preactivation, scale(name("ffn.hidden")), layer.gelu.data());
    state_->layers.push_back(std::move(layer));
  }
  state_->classifier = pack(tensors.at("head.classifier"));
  state_->head_input_inverse_scale = 1.0F / scale("head.input");
}

std::vector<float> QuantizedStudent::logits(std::span<const std::uint32_t> token_ids, const runtime::KernelSet& kernels,
                                            runtime::TraceSink* trace) const {
  const spec::ModelConfig& config = state_->config;
  const std::size_t T = token_ids.size(), D = config.width, W = config.head_width, C = config.classes;
  const std::size_t R = spec::logit_rows(config, T);
  std::size_t widest = D;
  for (const spec::LayerConfig& layer : config.layers) {
    widest = std::max({widest, std::size_t{3} * layer.heads * W, std::size_t{layer.ffn_width}});
  }
  const std::size_t stride = row_stride(widest), input_stride = row_stride(D);
  AlignedBuffer<float> x(T * D), y(T * D), pooled(D);
  AlignedBuffer<std::int8_t> input(T * input_stride), wide(T * stride), context(T * stride);
  AlignedBuffer<std::byte> scratch(runtime::attention_scratch_bytes(T, W));
  std::vector<float> logits(R * C);
  const auto record = [&](const std::string& step, const auto* values, std::size_t rows, std::size_t columns,
                          std::size_t row) {
    if (trace != nullptr) trace->record(step, values, rows, columns, row);
  };

  if (const std::size_t E = config.embedding_width; E > 0) {
    for (std::size_t t = 0; t < T; ++t) {
      std::copy_n(state_->word.values.data() + token_ids[t] * E, E, input.data() + t * input_stride);
    }
    kernels.linear(state_->word_projection.view(), input.data(), input_stride, T, x.data());
    for (std::size_t t = 0; t < T; ++t) {
      spec::scale_and_add(x.data() + t * D, D, state_->word.scales[token_ids[t]],
                          state_->position.values.data() + t * D, state_->position.scales[t]);
    }
  } else {
    kernels.embed(state_->word.view(config.width), state_->position.view(config.width), token_ids.data(), T, x.data());
  }
  kernels.add_layer_norm(x.data(), nullptr, T, D, state_->embedding_norm.gamma.data(),
                         state_->embedding_norm.beta.data(), config.layer_norm_epsilon,
                         state_->layers[0].input_inverse_scale, input.data(), input_stride);
  record("embeddings.norm", x.data(), T, D, D);
  for (std::size_t i = 0; i < state_->layers.size(); ++i) {
    const Layer& layer = state_->layers[i];
    const std::size_t H = config.layers[i].heads, F = config.layers[i].ffn_width;
    const bool last = i + 1 == state_->layers.size();
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    record(name("attention.input"), input.data(), T, D, input_stride);
    kernels.linear_quantized(layer.qkv.view(), input.data(), input_stride, T, layer.qkv_inverse_scale.data(), nullptr,
                             wide.data(), stride);
    record(name("attention.qkv"), wide.data(), T, 3 * H * W, stride);
    kernels.attention({wide.data(), stride, context.data(), stride, T, H, W, layer.score_scale, layer.value_scale,
                       layer.context_inverse_scale, scratch.data()});
    record(name("attention.context"), context.data(), T, H * W, stride);
    kernels.linear(layer.attention_output.view(), context.data(), stride, T, y.data());
    record(name("attention.output"), y.data(), T, D, D);
    kernels.add_layer_norm(x.data(), y.data(), T, D, layer.attention_norm.gamma.data(),
                           layer.attention_norm.beta.data(), config.layer_norm_epsilon, layer.ffn_input_inverse_scale,
                           input.data(), input_stride);
    record(name("attention.norm"), x.data(), T, D, D);
    record(name("ffn.input"), input.data(), T, D, input_stride);
    kernels.linear_quantized(layer.ffn_up.view(), input.data(), input_stride, T,
                             layer.preactivation_inverse_scale.data(), layer.gelu.data(), wide.data(), stride);
    record(name("ffn.hidden"), wide.data(), T, F, stride);
    kernels.linear(layer.ffn_down.view(), wide.data(), stride, T, y.data());
    record(name("ffn.down"), y.data(), T, D, D);
    kernels.add_layer_norm(x.data(), y.data(), T, D, layer.ffn_norm.gamma.data(), layer.ffn_norm.beta.data(),
                           config.layer_norm_epsilon, last ? 0.0F : state_->layers[i + 1].input_inverse_scale,
                           last ? nullptr : input.data(), input_stride);
    record(name("ffn.norm"), x.data(), T, D, D);
  }
  const float* answering = x.data();  // [R, D]
  if (config.pooling == spec::Pooling::kMean) {
    kernels.mean_pool(x.data(), T, D, pooled.data());
    answering = pooled.data();
  }
  if (config.pooling != spec::Pooling::kEveryToken) record("pooled", answering, 1, D, D);
  for (std::size_t r = 0; r < R; ++r) {
    kernels.quantize(answering + r * D, D, state_->head_input_inverse_scale, input.data() + r * input_stride);
  }
  record("head.input", input.data(), R, D, input_stride);
  kernels.linear(state_->classifier.view(), input.data(), input_stride, R, logits.data());
  record("head.classifier", logits.data(), R, C, C);
  return logits;
}

}  // namespace noggin::train
