#include "train/compress/quantized_forward.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "kernels/pack.h"
#include "spec/encoder/tensors.h"
#include "spec/formulas.h"
#include "spec/quant.h"
#include "spec/row_formulas.h"

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

// Rows packed as the kernels read them, by the trainer itself.
struct QuantizedEmbedding {
  std::vector<std::int8_t> values;  // [rows, packed columns]
  std::vector<float> scales;        // [rows]
  std::uint32_t columns = 0;
  spec::WeightType type = spec::WeightType::kInt8;
  spec::EmbeddingView view() const {
    return {values.data(), scales.data(), static_cast<std::uint32_t>(scales.size()), columns, type};
  }
};

struct ScaledLinear : runtime::PackedLinear {
  float input_scale = 0.0F;
};

// One tensor of spec::visit_encoder, by the type of its field.
void take(const format::FrozenTensor& tensor, const spec::TensorSpec& entry, QuantizedEmbedding& table) {
  table = {tensor.values, tensor.floats, entry.columns, entry.type};
  if (entry.type == spec::WeightType::kInt8) return;
  const std::size_t row_bytes = spec::packed_bytes(entry.type, entry.columns);
  table.values.resize(entry.rows * row_bytes);
  for (std::size_t row = 0; row < entry.rows; ++row) {
    spec::pack_int4(tensor.values.data() + row * entry.columns, entry.columns, table.values.data() + row * row_bytes);
  }
}
void take(const format::FrozenTensor& tensor, const spec::TensorSpec& entry, runtime::PackedLinear& linear) {
  linear = packed_linear(tensor, entry.columns, entry.group);
}
void take(const format::FrozenTensor& tensor, const spec::TensorSpec&, std::vector<float>& vector) {
  vector = tensor.floats;
}
void take(const format::FrozenTensor& tensor, const spec::TensorSpec&, float& scale) { scale = tensor.floats.at(0); }

// A row of int8 activations that may be read as K inputs or written as N outputs.
std::size_t row_stride(std::size_t columns) { return spec::round_up(columns, spec::kTensorAlignment); }

}  // namespace

struct QuantizedStudent::Layer : spec::EncoderLayerOf<ScaledLinear, QuantizedNorm, float> {
  // What the kernels need in addition, computed from the tensors of layer `i`.
  void derive(const spec::ModelConfig& config, std::size_t i);

  std::vector<float> qkv_inverse_scale;            // [padded 3*H*W]
  std::vector<float> preactivation_inverse_scale;  // [padded F]
  std::vector<std::int8_t> gelu;                   // [256]
  float input_inverse_scale, score_scale, context_inverse_scale, ffn_input_inverse_scale;
};

void QuantizedStudent::Layer::derive(const spec::ModelConfig& config, std::size_t i) {
  const std::size_t attention_width = config.encoder.layers[i].heads * config.encoder.head_width;  // H*W
  input_inverse_scale = 1.0F / qkv.input_scale;
  score_scale = spec::attention_score_scale(query_scale, key_scale, config.encoder.head_width);
  context_inverse_scale = 1.0F / attention_output.input_scale;
  ffn_input_inverse_scale = 1.0F / ffn_up.input_scale;
  qkv_inverse_scale.assign(spec::padded_outputs(3 * attention_width), 1.0F / value_scale);
  std::fill_n(qkv_inverse_scale.begin(), attention_width, 1.0F / query_scale);
  std::fill_n(qkv_inverse_scale.begin() + static_cast<std::ptrdiff_t>(attention_width), attention_width,
              1.0F / key_scale);
  preactivation_inverse_scale.assign(spec::padded_outputs(config.encoder.layers[i].ffn_width),
                                     1.0F / preactivation_scale);
  gelu.resize(spec::kGeluTableSize);
  spec::fill_gelu_table(preactivation_scale, ffn_down.input_scale, gelu.data());
}

struct QuantizedStudent::State {
  spec::ModelConfig config;
  QuantizedEmbedding word, position;
  runtime::PackedLinear word_projection;  // with config.encoder.embedding_width
  QuantizedNorm embedding_norm;
  std::vector<Layer> layers;
  ScaledLinear classifier;
  float head_input_inverse_scale;
};

QuantizedStudent::~QuantizedStudent() = default;

QuantizedStudent::QuantizedStudent(const spec::ModelConfig& config,
                                   const std::map<std::string, format::FrozenTensor>& tensors)
    : state_(std::make_unique<State>()) {
  state_->config = config;
  state_->layers.resize(config.encoder.layers.size());
  spec::visit_encoder(
      config, [&](const spec::TensorSpec& entry, auto& field) { take(tensors.at(entry.name), entry, field); }, *state_);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) state_->layers[i].derive(config, i);
  state_->head_input_inverse_scale = 1.0F / state_->classifier.input_scale;
}

std::vector<float> QuantizedStudent::logits(std::span<const std::uint32_t> token_ids, const runtime::KernelSet& kernels,
                                            runtime::TraceSink* trace) const {
  const spec::ModelConfig& config = state_->config;
  const std::size_t T = token_ids.size(), D = config.encoder.width, W = config.encoder.head_width, C = config.classes;
  const std::size_t R = spec::logit_rows(config, T);
  std::size_t widest = D;
  for (const spec::LayerConfig& layer : config.encoder.layers) {
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

  const spec::EmbeddingView word = state_->word.view();
  if (config.encoder.embedding_width > 0) {
    for (std::size_t t = 0; t < T; ++t) word.unpack_row(token_ids[t], input.data() + t * input_stride);
    kernels.linear(state_->word_projection.view(), input.data(), input_stride, T, x.data());
    for (std::size_t t = 0; t < T; ++t) {
      spec::scale_and_add(x.data() + t * D, D, state_->word.scales[token_ids[t]],
                          state_->position.values.data() + t * D, state_->position.scales[t]);
    }
  } else {
    kernels.embed(word, state_->position.view(), token_ids.data(), T, x.data());
  }
  kernels.add_layer_norm(x.data(), nullptr, T, D, state_->embedding_norm.gamma.data(),
                         state_->embedding_norm.beta.data(), config.encoder.layer_norm_epsilon,
                         state_->layers.empty() ? 0.0F : state_->layers[0].input_inverse_scale,
                         state_->layers.empty() ? nullptr : input.data(), input_stride);
  record("embeddings.norm", x.data(), T, D, D);
  for (std::size_t i = 0; i < state_->layers.size(); ++i) {
    const Layer& layer = state_->layers[i];
    const std::size_t H = config.encoder.layers[i].heads, F = config.encoder.layers[i].ffn_width;
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
                           layer.attention_norm.beta.data(), config.encoder.layer_norm_epsilon,
                           layer.ffn_input_inverse_scale, input.data(), input_stride);
    record(name("attention.norm"), x.data(), T, D, D);
    record(name("ffn.input"), input.data(), T, D, input_stride);
    kernels.linear_quantized(layer.ffn_up.view(), input.data(), input_stride, T,
                             layer.preactivation_inverse_scale.data(), layer.gelu.data(), wide.data(), stride);
    record(name("ffn.hidden"), wide.data(), T, F, stride);
    kernels.linear(layer.ffn_down.view(), wide.data(), stride, T, y.data());
    record(name("ffn.down"), y.data(), T, D, D);
    kernels.add_layer_norm(x.data(), y.data(), T, D, layer.ffn_norm.gamma.data(), layer.ffn_norm.beta.data(),
                           config.encoder.layer_norm_epsilon, last ? 0.0F : state_->layers[i + 1].input_inverse_scale,
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
