#include "engine/families/encoder/prepared_model.h"

#include <algorithm>

#include "spec/formulas.h"

namespace noggin::runtime {
namespace {

// 1/s_q for the first `width` columns, 1/s_k for the next, then 1/s_v; 1 for the padding columns.
float* fill_qkv_inverse_scales(const format::LayerView& layer, std::size_t width, float* out) {
  const std::size_t padded = spec::padded_outputs(3 * width);
  std::fill_n(out, width, 1.0F / layer.query_scale);
  std::fill_n(out + width, width, 1.0F / layer.key_scale);
  std::fill_n(out + 2 * width, width, 1.0F / layer.value_scale);
  std::fill(out + 3 * width, out + padded, 1.0F);
  return out + padded;
}

}  // namespace

PreparedModel prepare_encoder(const format::ModelView& view) {
  const spec::ModelConfig& config = view.config;
  PreparedModel prepared;
  std::size_t columns = 0;
  for (const format::LayerView& layer : view.layers) {
    columns += spec::padded_outputs(layer.qkv.outputs) + spec::padded_outputs(layer.ffn_up.outputs);
  }
  prepared.inverse_scales = std::make_unique<float[]>(columns);
  prepared.gelu_tables = std::make_unique<std::int8_t[]>(view.layers.size() * spec::kGeluTableSize);
  prepared.layers.reserve(view.layers.size());

  float* next = prepared.inverse_scales.get();
  std::int8_t* table = prepared.gelu_tables.get();
  for (std::size_t i = 0; i < view.layers.size(); ++i) {
    const format::LayerView& layer = view.layers[i];
    PreparedLayer& ready = prepared.layers.emplace_back();
    ready.qkv_inverse_scale = next;
    next =
        fill_qkv_inverse_scales(layer, std::size_t{config.encoder.layers[i].heads} * config.encoder.head_width, next);
    ready.ffn_up_inverse_scale = next;
    next = std::fill_n(next, spec::padded_outputs(layer.ffn_up.outputs), 1.0F / layer.preactivation_scale);
    ready.gelu = table;
    spec::fill_gelu_table(layer.preactivation_scale, layer.ffn_down.input_scale, table);
    table += spec::kGeluTableSize;
    ready.attention_input_inverse_scale = 1.0F / layer.qkv.input_scale;
    ready.score_scale = spec::attention_score_scale(layer.query_scale, layer.key_scale, config.encoder.head_width);
    ready.context_inverse_scale = 1.0F / layer.attention_output.input_scale;
    ready.ffn_input_inverse_scale = 1.0F / layer.ffn_up.input_scale;
  }
  prepared.head_input_inverse_scale = 1.0F / view.classifier.input_scale;
  return prepared;
}

}  // namespace noggin::runtime
