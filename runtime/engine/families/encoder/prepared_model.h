// What the kernels need in addition to the mapped tensors: reciprocals, the attention score scale, and GELU as a table.
// Derived from the scales once, when a model is opened. Shared by all sessions of a model and never changed.
// Empty for a family that prepares nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "format/reader.h"

namespace noggin::runtime {

struct PreparedLayer {
  const float* qkv_inverse_scale;     // [padded_outputs(3*H*W)]: 1/s_q for Q's columns, then 1/s_k, then 1/s_v
  const float* ffn_up_inverse_scale;  // [padded_outputs(F)]: 1/s_preactivation
  const std::int8_t* gelu;            // [256]: hidden = gelu[preactivation + 128]
  float attention_input_inverse_scale;
  float score_scale;
  float context_inverse_scale;
  float ffn_input_inverse_scale;
};

struct PreparedModel {
  std::vector<PreparedLayer> layers;
  float head_input_inverse_scale = 0.0F;
  std::unique_ptr<float[]> inverse_scales;     // what the layers point into
  std::unique_ptr<std::int8_t[]> gelu_tables;  // [layers, 256]
};

// See FamilyOps::prepare.
PreparedModel prepare_encoder(const format::ModelView& view);

}  // namespace noggin::runtime
