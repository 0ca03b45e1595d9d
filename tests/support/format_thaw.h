// Converts a ModelView back into a FrozenModel, the writer's input, so that a file can be written again. Without the
// tokenizer's contents, which the format does not read.
#pragma once

#include <numeric>
#include <string>

#include "format/frozen_model.h"
#include "format/reader.h"
#include "spec/tensor_table.h"

namespace noggin::test {

inline format::FrozenTensor thaw(const spec::LinearView& view) {
  format::FrozenTensor tensor;
  for (std::size_t n = 0; n < view.outputs; ++n) {
    for (std::size_t k = 0; k < view.inputs; ++k) {
      tensor.values.push_back(view.group > 0 ? view.int4_weight(n, k)
                                             : view.panels[spec::panel_offset(n, k, spec::padded_inputs(view.inputs))]);
    }
    const std::size_t groups = view.group > 0 ? view.inputs / view.group : 0;
    for (std::size_t g = 0; g < groups; ++g) tensor.steps.push_back(view.steps[spec::step_offset(n, g, groups)]);
    tensor.floats.push_back(view.columns[n].scale);
    tensor.bias.push_back(view.columns[n].bias);
  }
  return tensor;
}

inline format::FrozenTensor thaw(const spec::EmbeddingView& view) {
  format::FrozenTensor tensor{
      std::vector<std::int8_t>(std::size_t{view.rows} * view.columns), {view.scales, view.scales + view.rows}, {}};
  for (std::size_t r = 0; r < view.rows; ++r) view.unpack_row(r, tensor.values.data() + r * view.columns);
  return tensor;
}

inline void thaw_tensors(const format::ModelView& view, format::FrozenModel& model) {
  if (view.config.family == spec::Family::kNgram) {
    model.tensors["ngrams.weight"] = thaw(view.ngrams);
    model.tensors["head.scale"] = {{}, {view.head_scale, view.head_scale + view.config.classes}, {}};
    model.tensors["head.bias"] = {{}, {view.head_bias, view.head_bias + view.config.classes}, {}};
    return;
  }
  const auto vector = [&](const float* values) {
    return format::FrozenTensor{{}, {values, values + view.config.encoder.width}, {}};
  };
  const auto scale = [](float value) { return format::FrozenTensor{{}, {value}, {}}; };
  model.tensors["embeddings.word"] = thaw(view.word);
  if (view.config.encoder.embedding_width > 0) model.tensors["embeddings.projection"] = thaw(view.word_projection);
  model.tensors["embeddings.position"] = thaw(view.position);
  model.tensors["embeddings.norm.gamma"] = vector(view.embedding_norm.gamma);
  model.tensors["embeddings.norm.beta"] = vector(view.embedding_norm.beta);
  for (std::size_t i = 0; i < view.layers.size(); ++i) {
    const format::LayerView& layer = view.layers[i];
    const auto put = [&](const char* part, format::FrozenTensor tensor) {
      model.tensors[spec::layer_name(i, part)] = std::move(tensor);
    };
    put("attention.input", scale(layer.qkv.input_scale));
    put("attention.qkv", thaw(layer.qkv));
    put("attention.query", scale(layer.query_scale));
    put("attention.key", scale(layer.key_scale));
    put("attention.value", scale(layer.value_scale));
    put("attention.context", scale(layer.attention_output.input_scale));
    put("attention.output", thaw(layer.attention_output));
    put("attention.norm.gamma", vector(layer.attention_norm.gamma));
    put("attention.norm.beta", vector(layer.attention_norm.beta));
    put("ffn.input", scale(layer.ffn_up.input_scale));
    put("ffn.up", thaw(layer.ffn_up));
    put("ffn.preactivation", scale(layer.preactivation_scale));
    put("ffn.hidden", scale(layer.ffn_down.input_scale));
    put("ffn.down", thaw(layer.ffn_down));
    put("ffn.norm.gamma", vector(layer.ffn_norm.gamma));
    put("ffn.norm.beta", vector(layer.ffn_norm.beta));
  }
  model.tensors["head.input"] = scale(view.classifier.input_scale);
  model.tensors["head.classifier"] = thaw(view.classifier);
}

inline format::FrozenModel thaw(const format::ModelView& view) {
  format::FrozenModel model;
  model.config = view.config;
  thaw_tensors(view, model);
  if (view.config.family == spec::Family::kNgram) {
    model.ngrams.buckets = spec::kMaxVocabulary;
    model.ngrams.known_buckets.resize(view.config.vocabulary_size);
    std::iota(model.ngrams.known_buckets.begin(), model.ngrams.known_buckets.end(), 0U);
  } else {
    model.tokenizer.vocabulary.resize(view.config.vocabulary_size);
  }
  const format::Decision& decision = view.decision;
  model.task = {{view.labels.begin(), view.labels.end()},
                view.none_class,
                decision.kind,
                decision.temperature,
                decision.abstain_below,
                {decision.thresholds.begin(), decision.thresholds.end()},
                {decision.checks.begin(), decision.checks.end()}};
  for (const format::GoldenView& golden : view.golden) {
    model.golden.push_back({std::string(golden.text),
                            {golden.token_ids.begin(), golden.token_ids.end()},
                            {golden.logits.begin(), golden.logits.end()}});
  }
  model.provenance = view.provenance;
  return model;
}

}  // namespace noggin::test
