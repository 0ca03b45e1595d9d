// An independent check of the shared kernels. Trainer and runtime use the same kernels, so their agreement proves the
// plumbing, not the formulas. The oracle recomputes every step of a quantized forward with plain ATen operators in
// float64, each from the recorded input of that step, and compares the recorded output with the result.
//
// Tolerance, derived per step: a float output may differ by the rounding of its own float32 operations, bounded by
// kRoundings * 2^-24 times the magnitude of the summands. An int8 output must be the rounded float64 value; a value
// within the same bound of a rounding boundary may fall on either side.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "format/frozen_model.h"
#include "train/compress/quantized_forward.h"
#include "train/task/model_inputs.h"

namespace noggin::exporter {

struct OracleResult {
  std::uint64_t rows = 0, values = 0, violations = 0;
  std::string worst_step;  // the first step of the first row with a violation; empty if there is none
};

// Over the first `sequences` of `inputs`, through `kernels`.
OracleResult check_against_oracle(const spec::ModelConfig& config,
                                  const std::map<std::string, format::FrozenTensor>& tensors,
                                  const train::QuantizedStudent& student, const train::ModelInputs& inputs,
                                  std::size_t sequences,
                                  const runtime::KernelSet& kernels = runtime::reference_kernels());

}  // namespace noggin::exporter
