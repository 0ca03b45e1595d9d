// A model as one block of bytes that a device can hold, and the place of each tensor in it. Weights keep the layout of
// the file; what the CPU engine derives from the scales (engine/prepared_model.h) is derived here by the same code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/reader.h"
#include "gpu/linear_operands.h"
#include "spec/model_config.h"

namespace noggin::gpu {

// Pointers point into device memory.
struct DeviceLayer {
  DeviceLinear qkv, attention_output, ffn_up, ffn_down;
  const float *attention_norm_gamma, *attention_norm_beta, *ffn_norm_gamma, *ffn_norm_beta;  // [D]
  const float* qkv_inverse_scale;                                                            // [3*H*W]
  const float* ffn_up_inverse_scale;                                                         // [F]
  const std::int8_t* gelu;                                                                   // [256]
  float attention_input_inverse_scale, score_scale, value_scale, context_inverse_scale, ffn_input_inverse_scale;
};

struct DeviceModel {
  spec::ModelConfig config;
  const std::int8_t *word, *position;                       // [V, D] or [V, E], [P, D]
  const float *word_scales, *position_scales;               // [V], [P]
  const float *embedding_norm_gamma, *embedding_norm_beta;  // [D]
  DeviceLinear word_projection;                             // [D, E], if config.embedding_width is set
  std::vector<DeviceLayer> layers;
  DeviceLinear classifier;
  float head_input_inverse_scale;
};

// The bytes to copy. Throws std::bad_alloc only.
std::vector<std::byte> model_image(const format::ModelView& view);

// The same model with its image at `base` (64-byte aligned). Computes with base but never reads it.
DeviceModel place_model(const format::ModelView& view, const std::byte* base);

}  // namespace noggin::gpu
