// A finished student -> a FrozenModel: plain named arrays without LibTorch, the input of .nog, ONNX and verify.
#pragma once

#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "train/model/student.h"

namespace noggin::exporter {

// Quantizes every tensor (train/compress/quantize_student.h) and adds tokenizer and task. add_golden_vectors adds
// golden vectors; the caller adds provenance.
format::FrozenModel freeze(const train::Student& student, const runtime::TokenizerContents& tokenizer,
                           const format::TaskContents& task);

// Tokenizes each text as the device will and runs the trainer's exact quantized forward on it. Fails if the model's
// tokenizer violates a rule of the format.
Status add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts);

}  // namespace noggin::exporter
