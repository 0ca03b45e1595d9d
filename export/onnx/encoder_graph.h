// The forward pass of spec/NUMERICS.md as ONNX nodes, step by step in the order and with the names of
// engine/families/encoder/forward.cpp, quantized at the same places with the same scales.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstddef>

#include "format/frozen_model.h"

namespace noggin::exporter {

inline constexpr char kInputIds[] = "input_ids";            // int64 [batch, tokens]
inline constexpr char kAttentionMask[] = "attention_mask";  // int64 [batch, tokens]: 1 real, 0 padding at the end
inline constexpr char kLogits[] = "logits";                 // float [batch, C]

// Where MatMulNBits, the product with int4 weights, comes from; a graph of int8 layers uses nothing of it.
inline constexpr char kMicrosoftDomain[] = "com.microsoft";

// Fills `graph`, inputs and outputs included. `model` must be valid. Returns the number of output channels whose scale
// cannot be reproduced bit for bit (weight_scale.h): 0 for a model whose scales came from freezing.
std::size_t build_encoder_graph(const format::FrozenModel& model, onnx::GraphProto& graph);

}  // namespace noggin::exporter
