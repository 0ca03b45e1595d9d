// The tensors of one encoder layer: their fields and the only list of their names, kinds, shapes and order. File,
// engine, GPU, trainer, freezing and ONNX all hold an instance of EncoderLayerOf and walk visit_layer(). To add a
// tensor, give it a field and a line here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/model_config.h"
#include "spec/tensor_spec.h"

namespace noggin::spec {

// Linear has a member input_scale, Norm has gamma and beta.
template <class Linear, class Norm, class Scale>
struct EncoderLayerOf {
  Linear qkv;                                 // [3*H*W, D], rows: all of Q, then K, then V; head h is rows h*W..
  Scale query_scale, key_scale, value_scale;  // of what qkv gives
  Linear attention_output;                    // [D, H*W]; its input scale is "attention.context"
  Norm attention_norm;                        // [D]
  Linear ffn_up;                              // [F, D]
  Scale preactivation_scale;                  // of what ffn_up gives
  Linear ffn_down;                            // [D, F]; its input scale is "ffn.hidden"
  Norm ffn_norm;                              // [D]
};

// Visits the tensors of layer `i`, in file order, with the fields of `layers` (see tensor_spec.h). The meaning of every
// step is in NUMERICS.md.
template <class Visit, class... Layers>
void visit_layer(const ModelConfig& config, std::size_t i, Visit& visit, Layers&... layers) {
  const std::uint32_t D = config.encoder.width, F = config.encoder.layers[i].ffn_width;
  const std::uint32_t attention_width = config.encoder.layers[i].heads * config.encoder.head_width;  // H*W
  const LayerConfig& layer = config.encoder.layers[i];
  const auto name = [i](const char* part) { return layer_name(i, part); };
  visit_linear(visit, name("attention.qkv"), 3 * attention_width, D, name("attention.input"), layer.qkv_group,
               layers.qkv...);
  visit_scale(visit, name("attention.query"), layers.query_scale...);
  visit_scale(visit, name("attention.key"), layers.key_scale...);
  visit_scale(visit, name("attention.value"), layers.value_scale...);
  visit_linear(visit, name("attention.output"), D, attention_width, name("attention.context"),
               layer.attention_output_group, layers.attention_output...);
  visit_norm(visit, name("attention.norm"), D, layers.attention_norm...);
  visit_linear(visit, name("ffn.up"), F, D, name("ffn.input"), layer.ffn_up_group, layers.ffn_up...);
  visit_scale(visit, name("ffn.preactivation"), layers.preactivation_scale...);
  visit_linear(visit, name("ffn.down"), D, F, name("ffn.hidden"), layer.ffn_down_group, layers.ffn_down...);
  visit_norm(visit, name("ffn.norm"), D, layers.ffn_norm...);
}

}  // namespace noggin::spec
