// An independent judge of the shared kernels: trainer and runtime use the same ones, so their agreement proves the
// plumbing, not the formulas. The oracle recomputes every step of a quantized forward with plain ATen operators in
// float64, each from the recorded input of that step, and holds the recorded output against it.
//
// Tolerance, derived per step: a float output may differ by the rounding of its own float32 operations, bounded by
// kRoundings * 2^-24 times the magnitude of what was summed; an int8 output must be the float64 value rounded, where a value
// within that same bound of a rounding border may fall on either side.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "train/task/model_inputs.h"
#include "format/frozen_model.h"
#include "train/compress/quantized_forward.h"

namespace noggin::exporter {

struct OracleResult {
  std::uint64_t rows = 0, values = 0, violations = 0;
  std::string worst_step;     // the first step of the first row with a violation, empty without one
};

// Over the first `passes` of `inputs`, through `kernels`.
OracleResult check_against_oracle(const spec::ModelConfig& config,
                                  const std::map<std::string, format::FrozenTensor>& tensors,
                                  const train::QuantizedStudent& student, const train::ModelInputs& inputs, std::size_t passes,
                                  const runtime::KernelSet& kernels = runtime::reference_kernels());

}  // namespace noggin::exporter
