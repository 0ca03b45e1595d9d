// FrozenModel -> ONNX (opset 17, IR 8) with QuantizeLinear/DequantizeLinear around the same integers and scales, in the
// forms that ONNX Runtime fuses into its int8 kernels. LibTorch headers and libonnx must not meet in one translation
// unit.
//
// Graph inputs:  input_ids int64 [batch, tokens], attention_mask int64 [batch, tokens] (1 real, 0 padding)
// Graph output:  logits float [batch, C]
// Tokenizer, labels and hashes are stored in the model's metadata properties ("noggin.labels", "noggin.vocabulary",
// ...).
// Agreement with the .nog file is measured by verify, not guaranteed: other runtimes reorder float sums.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "format/frozen_model.h"

namespace noggin::exporter {

// The serialized ModelProto, checked by onnx::checker and strict shape inference. Same model, same bytes.
Result<std::vector<std::byte>> build_onnx(const format::FrozenModel& model);
Status write_onnx(const format::FrozenModel& model, const std::string& path);  // whole or not at all

// For `inspect`: opset, inputs, outputs, operator counts, initializer bytes, as text.
Result<std::string> describe_onnx(const std::string& path);

}  // namespace noggin::exporter
