#include "export/onnx/encoder_graph.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "export/onnx/graph_builder.h"
#include "export/onnx/weight_scale.h"
#include "spec/encoder/tensors.h"
#include "spec/quant.h"

namespace noggin::exporter {
namespace {

using Tensor = onnx::TensorProto;
using format::FrozenTensor;

// [rows, columns] -> [columns, rows]: Gemm takes [K, N], a FrozenTensor holds [N, K].
std::vector<std::int8_t> transposed(std::span<const std::int8_t> values, std::size_t rows, std::size_t columns) {
  std::vector<std::int8_t> result(values.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) result[c * rows + r] = values[r * columns + c];
  }
  return result;
}

// The model's tensors, each with its name. Points into the FrozenModel.
struct Named {
  std::string name;
  const FrozenTensor* tensor = nullptr;
};
struct NamedLinear : Named {
  Named input_scale;
};
struct NamedNorm {
  Named gamma, beta;
};
using NamedLayer = spec::EncoderLayerOf<NamedLinear, NamedNorm, Named>;
struct NamedEncoder {
  Named word, word_projection, position;
  NamedNorm embedding_norm;
  std::vector<NamedLayer> layers;
  NamedLinear classifier;
};

NamedEncoder named_tensors(const format::FrozenModel& model) {
  NamedEncoder named;
  named.layers.resize(model.config.encoder.layers.size());
  const auto name = [&](const spec::TensorSpec& entry, Named& field) {
    field.name = entry.name;
    field.tensor = &model.tensors.at(entry.name);
  };
  spec::visit_encoder(model.config, name, named);
  return named;
}

// A value is named after the step that makes it, a stored tensor after its entry in the tensor table, with a suffix if
// one entry becomes several tensors. B batch, T tokens and the other letters as in model_config.h; M = B * T.
class EncoderGraph {
 public:
  EncoderGraph(const format::FrozenModel& model, onnx::GraphProto& graph)
      : tensors_(named_tensors(model)),
        config_(model.config),
        D_(config_.encoder.width),
        W_(config_.encoder.head_width),
        graph_(graph) {}

  std::size_t build() {
    declare_interface();
    store_constants();
    std::string x = layer_norm(embed(), tensors_.embedding_norm, "embeddings.norm");  // [M, D]
    for (std::size_t i = 0; i < config_.encoder.layers.size(); ++i) {
      const NamedLayer& layer = tensors_.layers[i];
      const auto name = [i](const std::string& part) { return spec::layer_name(i, part); };
      const std::string attended = attention(i, quantized(x, layer.qkv.input_scale));  // [M, D]
      x = layer_norm(graph_.apply("Add", {x, attended}, name("attention.residual")), layer.attention_norm,
                     name("attention.norm"));
      const std::string transformed = feed_forward(i, quantized(x, layer.ffn_up.input_scale));  // [M, D]
      x = layer_norm(graph_.apply("Add", {x, transformed}, name("ffn.residual")), layer.ffn_norm, name("ffn.norm"));
    }
    const NamedLinear& classifier = tensors_.classifier;
    const std::string answering = quantized(per_token() ? x : pool(x), classifier.input_scale);
    if (per_token()) {
      const std::string rows = linear(answering, classifier, "logits.rows");  // [M, C]
      graph_.apply("Concat", {"texts.shape", graph_.store_list("shape.classes", {config_.classes})}, "logits.shape",
                   "axis", 0);
      graph_.apply("Reshape", {rows, "logits.shape"}, kLogits);  // [B, T, C]
    } else {
      linear(answering, classifier, kLogits);  // [B, C]
    }
    return inexact_channels_;
  }

 private:
  bool per_token() const { return config_.pooling == spec::Pooling::kEveryToken; }

  void declare_interface() {
    const std::vector<GraphBuilder::Dimension> texts{{"batch", 0}, {"tokens", 0}};
    graph_.input(kInputIds, Tensor::INT64, texts);
    graph_.input(kAttentionMask, Tensor::INT64, texts);
    std::vector<GraphBuilder::Dimension> answers = {{"batch", 0}, {"", config_.classes}};
    if (per_token()) answers.insert(answers.begin() + 1, {"tokens", 0});
    graph_.output(kLogits, Tensor::FLOAT, answers);
  }

  // Inputs of several steps: zero points, factors, the mask and the shape of the input.
  void store_constants() {
    const std::array<std::uint8_t, 1> activation_zero{128}, exponent_zero{0};
    graph_.store("activation.zero_point", {}, std::span<const std::uint8_t>(activation_zero));
    graph_.store("exponent.zero_point", {}, std::span<const std::uint8_t>(exponent_zero));
    graph_.store_number("exponent.scale", 1.0F / spec::kExponentSteps);
    graph_.store_number("score.masked", std::numeric_limits<float>::lowest());
    graph_.store_number("gelu.root_of_two", std::numbers::sqrt2_v<float>);
    graph_.store_number("gelu.one", 1.0F);
    graph_.store_number("gelu.half", 0.5F);
    graph_.store_list("axis.last", {-1});
    graph_.store_list("axes.heads_and_queries", {1, 2});
    graph_.store_list("shape.rows", {-1, D_});
    graph_.store_list("shape.width", {D_});
    graph_.apply("Shape", {kInputIds}, "texts.shape");  // [B, T]
    graph_.cast(kAttentionMask, "mask.boolean", Tensor::BOOL);
    graph_.apply("Unsqueeze", {"mask.boolean", "axes.heads_and_queries"}, "mask.keys");  // [B, 1, 1, T]
    graph_.cast(kAttentionMask, "mask.float", Tensor::FLOAT);
  }

  // int8 rows and a scale per row: the file stays small, and only the rows of a text become floats.
  void store_embedding(const Named& table, std::int64_t rows) {
    graph_.store(table.name + ".weight", {rows, D_}, std::span<const std::int8_t>(table.tensor->values));
    store_row_scales(table, rows);
  }
  void store_row_scales(const Named& table, std::int64_t rows) {
    graph_.store(table.name + ".scale", {rows, 1}, std::span<const float>(table.tensor->floats));
  }

  std::string scaled_rows(const std::string& name) {
    graph_.cast(name + ".rows", name + ".float", Tensor::FLOAT);
    return graph_.apply("Mul", {name + ".float", name + ".row_scales"}, name);
  }

  std::string wide_words() {
    const std::string& word = tensors_.word.name;
    store_embedding(tensors_.word, config_.vocabulary_size);
    graph_.apply("Gather", {word + ".weight", kInputIds}, word + ".rows");       // [B, T, D]
    graph_.apply("Gather", {word + ".scale", kInputIds}, word + ".row_scales");  // [B, T, 1]
    return scaled_rows(word);
  }

  // The rows' integers, as uint8 around 128 like every input of an integer product; the scales are applied after it.
  std::string projected_words() {
    const std::string& word = tensors_.word.name;
    const std::vector<std::int8_t>& values = tensors_.word.tensor->values;
    const std::int64_t V = config_.vocabulary_size, E = config_.encoder.embedding_width;
    std::vector<std::uint8_t> table;
    table.reserve(values.size());
    for (const std::int8_t value : values) table.push_back(static_cast<std::uint8_t>(value + 128));
    graph_.store(word + ".weight", {V, E}, std::span<const std::uint8_t>(table));
    store_row_scales(tensors_.word, V);
    graph_.apply("Gather", {word + ".weight", kInputIds}, word + ".rows");  // [B, T, E]
    const std::string rows =
        graph_.apply("Reshape", {word + ".rows", graph_.store_list("shape.narrow_rows", {-1, E})}, word + ".matrix");
    const std::string x =
        graph_.dequantize(rows, word, graph_.store_number(word + ".step", 1.0F), "activation.zero_point");
    const Named& projection = tensors_.word_projection;
    const std::string projected = linear(x, 1.0F, projection, all_channels(projection), projection.name);  // [M, D]
    graph_.apply("Concat", {"texts.shape", "shape.width"}, "embeddings.shape", "axis", 0);
    graph_.apply("Reshape", {projected, "embeddings.shape"}, word + ".projected");  // [B, T, D]
    graph_.apply("Gather", {word + ".scale", kInputIds}, word + ".row_scales");     // [B, T, 1]
    return graph_.apply("Mul", {word + ".projected", word + ".row_scales"}, word);
  }

  std::string embed() {
    const std::string& position = tensors_.position.name;
    store_embedding(tensors_.position, config_.max_tokens);
    const std::string words = config_.encoder.embedding_width > 0 ? projected_words() : wide_words();  // [B, T, D]
    graph_.store_list("position.first", {0});
    graph_.store_list("position.one", {1});
    graph_.store_list("position.two", {2});
    graph_.apply("Slice", {"texts.shape", "position.one", "position.two"}, "texts.tokens");  // [1]: T
    for (const char* part : {".weight", ".scale"}) {
      graph_.apply("Slice", {position + part, "position.first", "texts.tokens", "position.first"},
                   position + (part == std::string(".weight") ? ".rows" : ".row_scales"));  // [T, D], [T, 1]
    }
    graph_.apply("Add", {words, scaled_rows(position)}, "embeddings.sum");
    return graph_.apply("Reshape", {"embeddings.sum", "shape.rows"}, "embeddings.sum.rows");  // [M, D]
  }

  std::string layer_norm(const std::string& x, const NamedNorm& norm, const std::string& name) {
    for (const Named* part : {&norm.gamma, &norm.beta}) {
      graph_.store(part->name, {D_}, std::span<const float>(part->tensor->floats));
    }
    onnx::NodeProto& node = graph_.node("LayerNormalization", {x, norm.gamma.name, norm.beta.name}, name);
    set_attribute(node, "axis", std::int64_t{-1});
    set_attribute(node, "epsilon", config_.encoder.layer_norm_epsilon);  // the default, 1e-5, differs from ours
    return name;
  }

  static float value_of(const Named& scale) { return scale.tensor->floats.front(); }

  std::string store_scale(const Named& scale) { return graph_.store_number(scale.name + ".scale", value_of(scale)); }

  // Quantizes with an activation scale and dequantizes. uint8 around 128, because only that form reaches the
  // fastest integer products of ONNX Runtime; it has the same 256 steps as int8 around 0.
  std::string quantized(const std::string& x, const Named& scale) {
    const std::string stored = store_scale(scale);
    return graph_.dequantize(graph_.quantize(x, scale.name, stored, "activation.zero_point"), scale.name, stored,
                             "activation.zero_point");
  }

  // Some output channels of a linear layer, stored under a separate name.
  struct Channels {
    std::string stored;
    std::size_t first, count;
  };
  static Channels all_channels(const Named& linear) { return {linear.name, 0, linear.tensor->bias.size()}; }

  // y = x * weight + bias, all inputs through DequantizeLinear: the form that is fused into one integer product. x:
  // [rows, K] with the layer's input scale as step.
  std::string linear(const std::string& x, const NamedLinear& layer, const std::string& output) {
    return linear(x, value_of(layer.input_scale), layer, all_channels(layer), output);
  }

  std::string linear(const std::string& x, float activation_scale, const Named& layer, const Channels& channels,
                     const std::string& output) {
    const FrozenTensor& whole = *layer.tensor;
    if (!whole.steps.empty()) return int4_linear(x, activation_scale, whole, channels, output);
    const std::size_t N = channels.count, K = whole.values.size() / whole.bias.size();
    const auto outputs = static_cast<std::int64_t>(N), inputs = static_cast<std::int64_t>(K);
    const auto scales = std::span<const float>(whole.floats).subspan(channels.first, N);
    const auto bias = std::span<const std::int32_t>(whole.bias).subspan(channels.first, N);
    const WeightScales weight_scales = recover_weight_scales(activation_scale, scales);
    inexact_channels_ += weight_scales.inexact;
    const std::vector<std::int8_t> weight =
        transposed(std::span<const std::int8_t>(whole.values).subspan(channels.first * K, N * K), N, K);
    const std::vector<std::int8_t> weight_zero_point(N, 0);
    const std::vector<std::int32_t> bias_zero_point(N, 0);

    const std::string& stored = channels.stored;
    graph_.store(stored + ".weight", {inputs, outputs}, std::span<const std::int8_t>(weight));
    graph_.store(stored + ".weight_scale", {outputs}, std::span<const float>(weight_scales.scales));
    graph_.store(stored + ".weight_zero_point", {outputs}, std::span<const std::int8_t>(weight_zero_point));
    graph_.store(stored + ".bias", {outputs}, bias);
    graph_.store(stored + ".bias_scale", {outputs}, scales);
    graph_.store(stored + ".bias_zero_point", {outputs}, std::span<const std::int32_t>(bias_zero_point));
    for (const std::string part : {".weight", ".bias"}) {
      const std::string stem = stored + part;
      set_attribute(graph_.node("DequantizeLinear", {stem, stem + "_scale", stem + "_zero_point"}, stem + ".float"),
                    "axis", std::int64_t{part == ".weight" ? 1 : 0});
    }
    return graph_.apply("Gemm", {x, stored + ".weight.float", stored + ".bias.float"}, output);
  }

  // The same with int4 weights: MatMulNBits, a contributed operation of ONNX Runtime, takes a float step per group. Its
  // sums are float, so its answers agree as closely as floats do.
  std::string int4_linear(const std::string& x, float activation_scale, const FrozenTensor& whole,
                          const Channels& channels, const std::string& output) {
    const std::size_t rows = whole.bias.size(), K = whole.values.size() / rows, groups = whole.steps.size() / rows;
    const WeightScales sub_steps = recover_weight_scales(
        activation_scale, std::span<const float>(whole.floats).subspan(channels.first, channels.count));
    inexact_channels_ += sub_steps.inexact;
    std::vector<std::uint8_t> packed;  // [N, groups, group / 2]: q + 8, the first of two in the low bits
    std::vector<float> steps, bias;
    for (std::size_t n = 0; n < channels.count; ++n) {
      const std::size_t row = channels.first + n;
      const auto biased = [&](std::size_t k) { return static_cast<unsigned>(whole.values[row * K + k] + 8); };
      for (std::size_t k = 0; k < K; k += 2) {
        packed.push_back(static_cast<std::uint8_t>(biased(k) | (biased(k + 1) << 4U)));
      }
      for (std::size_t g = 0; g < groups; ++g) {
        steps.push_back(sub_steps.scales[n] * static_cast<float>(whole.steps[row * groups + g]));
      }
      bias.push_back(spec::dequantize(whole.bias[row], whole.floats[row]));
    }
    const auto N = static_cast<std::int64_t>(channels.count), G = static_cast<std::int64_t>(groups);
    const auto inputs = static_cast<std::int64_t>(K), group = inputs / G;
    const std::string& stored = channels.stored;
    graph_.store(stored + ".weight", {N, G, group / 2}, std::span<const std::uint8_t>(packed));
    graph_.store(stored + ".weight_scale", {N * G}, std::span<const float>(steps));
    graph_.store(stored + ".bias", {N}, std::span<const float>(bias));
    onnx::NodeProto& product =
        graph_.node("MatMulNBits", {x, stored + ".weight", stored + ".weight_scale"}, stored + ".product");
    product.set_domain(kMicrosoftDomain);
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::int64_t>>{
             {"K", inputs}, {"N", N}, {"bits", 4}, {"block_size", group}}) {
      set_attribute(product, name, value);
    }
    return graph_.apply("Add", {stored + ".product", stored + ".bias"}, output);
  }

  // One of query, key, value (`index` 0, 1, 2): x [M, D] -> integers, [B, H, T, W] or for keys [B, H, W, T] -> real
  // values times `factor`. A separate product, because its output has a separate scale: quantization is then fused into
  // the product.
  std::string heads(const std::string& x, std::size_t i, std::size_t index, const std::vector<std::int64_t>& order,
                    float factor) {
    const NamedLayer& layer = tensors_.layers[i];
    const Named& part = *std::array{&layer.query_scale, &layer.key_scale, &layer.value_scale}[index];
    const std::string &name = part.name, prefix = spec::layer_name(i, "attention.");
    const std::size_t channels = config_.encoder.layers[i].heads * config_.encoder.head_width;
    linear(x, value_of(layer.qkv.input_scale), layer.qkv, {name + ".projection", index * channels, channels}, name);
    const std::string integers = graph_.quantize(name, name, store_scale(part), "activation.zero_point");
    const std::string split = graph_.apply("Reshape", {integers, prefix + "heads"}, name + ".heads");  // [B, T, H, W]
    const std::string ordered = graph_.transpose(split, name + ".transposed", order);
    const std::string scale = graph_.store_number(name + ".real_scale", value_of(part) * factor);
    return graph_.dequantize(ordered, name, scale, "activation.zero_point");
  }

  // e = exp(score - max) as integers 0..127; padding gets 0. scores: [B, H, T, T].
  std::string exponents(const std::string& scores, const std::string& prefix) {
    const std::string masked = graph_.apply("Where", {"mask.keys", scores, "score.masked"}, prefix + "masked_scores");
    onnx::NodeProto& largest = graph_.node("ReduceMax", {masked}, prefix + "largest_score");  // [B, H, T, 1]
    set_attribute(largest, "axes", std::vector<std::int64_t>{-1});
    set_attribute(largest, "keepdims", std::int64_t{1});
    graph_.apply("Sub", {masked, prefix + "largest_score"}, prefix + "distances");
    const std::string real = graph_.apply("Exp", {prefix + "distances"}, prefix + "exponents");
    const std::string integers = graph_.quantize(real, real, "exponent.scale", "exponent.zero_point");
    return graph_.dequantize(integers, real, "exponent.scale", "exponent.zero_point");
  }

  // x: [M, D] -> [M, D]
  std::string attention(std::size_t layer, const std::string& x) {
    const std::string prefix = spec::layer_name(layer, "attention.");
    const std::int64_t H = config_.encoder.layers[layer].heads;
    graph_.apply("Concat", {"texts.shape", graph_.store_list(prefix + "heads.shape", {H, W_})}, prefix + "heads",
                 "axis", 0);
    const std::string query = heads(x, layer, 0, {0, 2, 1, 3}, 1.0F);
    // The factor of all scores is applied to the keys, where it costs nothing.
    const std::string key = heads(x, layer, 1, {0, 2, 3, 1}, 1.0F / std::sqrt(static_cast<float>(W_)));
    const std::string value = heads(x, layer, 2, {0, 2, 1, 3}, 1.0F);
    const std::string e = exponents(graph_.apply("MatMul", {query, key}, prefix + "scores"), prefix);  // [B, H, T, T]
    graph_.apply("MatMul", {e, value}, prefix + "numerator");                                          // [B, H, T, W]
    graph_.apply("ReduceSum", {e, "axis.last"}, prefix + "denominator", "keepdims", 1);
    graph_.apply("Div", {prefix + "numerator", prefix + "denominator"}, prefix + "context");
    const NamedLinear& output = tensors_.layers[layer].attention_output;
    return linear(context_rows(output.input_scale, H), output, output.name);
  }

  // [B, H, T, W] -> integers -> [M, H*W] real values.
  std::string context_rows(const Named& context, std::int64_t H) {
    const std::string &name = context.name, scale = store_scale(context);
    const std::string integers = graph_.quantize(name, name, scale, "activation.zero_point");
    const std::string tokens_first = graph_.transpose(integers, name + ".transposed", {0, 2, 1, 3});  // [B, T, H, W]
    const std::string shape = graph_.store_list(name + ".shape", {-1, H * W_});
    const std::string rows = graph_.apply("Reshape", {tokens_first, shape}, name + ".rows");
    return graph_.dequantize(rows, name, scale, "activation.zero_point");
  }

  // x: [M, D] -> [M, D]
  std::string feed_forward(std::size_t i, const std::string& x) {
    const NamedLayer& layer = tensors_.layers[i];
    const std::string up = linear(x, layer.ffn_up, layer.ffn_up.name);  // [M, F]
    const std::string hidden = gelu(quantized(up, layer.preactivation_scale), spec::layer_name(i, "ffn."));
    return linear(quantized(hidden, layer.ffn_down.input_scale), layer.ffn_down, layer.ffn_down.name);
  }

  // 0.5 * x * (1 + erf(x / sqrt 2)), in the order that ONNX Runtime recognizes as one operation. It looks for one x,
  // but copies a DequantizeLinear for each of its readers; so x is read through a Flatten, which does nothing to a
  // matrix.
  std::string gelu(const std::string& dequantized, const std::string& prefix) {
    const std::string x = graph_.apply("Flatten", {dequantized}, prefix + "gelu.input", "axis", 1);
    graph_.apply("Div", {x, "gelu.root_of_two"}, prefix + "gelu.ratio");
    graph_.apply("Erf", {prefix + "gelu.ratio"}, prefix + "gelu.erf");
    graph_.apply("Add", {prefix + "gelu.erf", "gelu.one"}, prefix + "gelu.sum");
    graph_.apply("Mul", {x, prefix + "gelu.sum"}, prefix + "gelu.twice");
    return graph_.apply("Mul", {prefix + "gelu.twice", "gelu.half"}, prefix + "gelu");
  }

  // x: [M, D] -> [B, D]: the mean over the real tokens, or the first token's row.
  std::string pool(const std::string& x) {
    graph_.apply("Concat", {"texts.shape", "shape.width"}, "pooled.shape", "axis", 0);
    graph_.apply("Reshape", {x, "pooled.shape"}, "pooled.tokens");  // [B, T, D]
    if (config_.pooling == spec::Pooling::kFirstToken) {
      graph_.store("pooled.first", {}, std::span<const std::int64_t>(std::array<std::int64_t, 1>{0}));
      return graph_.apply("Gather", {"pooled.tokens", "pooled.first"}, "pooled", "axis", 1);
    }
    graph_.store_list("pooled.token_axis", {1});
    graph_.apply("Unsqueeze", {"mask.float", "axis.last"}, "pooled.mask");                                // [B, T, 1]
    graph_.apply("Mul", {"pooled.tokens", "pooled.mask"}, "pooled.real_tokens");                          // [B, T, D]
    graph_.apply("ReduceSum", {"pooled.real_tokens", "pooled.token_axis"}, "pooled.sum", "keepdims", 0);  // [B, D]
    graph_.apply("ReduceSum", {"mask.float", "pooled.token_axis"}, "pooled.count", "keepdims", 1);        // [B, 1]
    return graph_.apply("Div", {"pooled.sum", "pooled.count"}, "pooled");
  }

  const NamedEncoder tensors_;
  const spec::ModelConfig& config_;
  const std::int64_t D_, W_;
  GraphBuilder graph_;
  std::size_t inexact_channels_ = 0;
};

}  // namespace

std::size_t build_encoder_graph(const format::FrozenModel& model, onnx::GraphProto& graph) {
  graph.set_name("noggin encoder");
  return EncoderGraph(model, graph).build();
}

}  // namespace noggin::exporter
