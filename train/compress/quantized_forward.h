// The trainer's own exact evaluation of a quantized student: every step through the runtime's kernels, in the order of
// forward() and of runtime/engine/families/encoder/forward.cpp, but built from the trainer's tensors, never from a
// .nog file. The exported model must give these logits to the last bit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/trace.h"
#include "format/frozen_model.h"
#include "kernels/kernel_set.h"

namespace noggin::train {

// Immutable after construction; logits() may be called from several threads.
class QuantizedStudent {
 public:
  // tensors: what quantize_student returned for `config`.
  QuantizedStudent(const spec::ModelConfig& config, const std::map<std::string, format::FrozenTensor>& tensors);
  ~QuantizedStudent();

  // Logits [R, C] of 1..max_tokens ids below V, R = spec::logit_rows(config, ids). trace may be null.
  std::vector<float> logits(std::span<const std::uint32_t> token_ids, const runtime::KernelSet& kernels,
                            runtime::TraceSink* trace = nullptr) const;

 private:
  struct Layer;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace noggin::train
