// A model as one block of bytes that a device can hold, and the place of each tensor in it. Weights keep the layout of
// the file, except that rows of int4 become int8; what the CPU engine derives from the scales (prepared_model.h) is
// derived here by the same code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/families/encoder/prepared_model.h"
#include "format/reader.h"
#include "gpu/linear_operands.h"
#include "spec/encoder/layer.h"
#include "spec/model_config.h"

namespace noggin::gpu {

// Pointers point into device memory.
struct DeviceScaledLinear : DeviceLinear {
  float input_scale;
};

struct DeviceLayer : spec::EncoderLayerOf<DeviceScaledLinear, spec::NormView, float> {
  runtime::PreparedLayer ready;
};

struct DeviceModel {
  spec::ModelConfig config;
  spec::EmbeddingView word, position;  // [V, D] or [V, E], [P, D]
  DeviceLinear word_projection;        // [D, E], if config.encoder.embedding_width is set
  spec::NormView embedding_norm;
  std::vector<DeviceLayer> layers;
  DeviceScaledLinear classifier;
  float head_input_inverse_scale;
};

// The bytes to copy. Throws std::bad_alloc only.
std::vector<std::byte> model_image(const format::ModelView& view);

// The same model with its image at `base` (64-byte aligned). Computes with base but never reads it.
DeviceModel place_model(const format::ModelView& view, const std::byte* base);

}  // namespace noggin::gpu
