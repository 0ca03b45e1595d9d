// The forward pass: token ids in, logits out. Reads as the definition in spec/NUMERICS.md, step by step, with the names
// of engine/trace.h; the trainer's quantized forward has the same steps in the same order.
#pragma once

#include <cstddef>
#include <span>

#include "engine/arena.h"
#include "engine/prepared_model.h"
#include "engine/trace.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"

namespace noggin::runtime {

// One text: the first `tokens` ids of w.token_ids, 1 <= tokens <= max_tokens, each below the vocabulary size.
// Returns w.logits [C]. `trace` may be null. Expects the environment of float_environment.h. Allocates nothing unless
// traced; throws only what the trace throws.
std::span<const float> forward(const format::ModelView& model, const PreparedModel& prepared, const KernelSet& kernels,
                               const Workspace& w, std::size_t tokens, TraceSink* trace);

}  // namespace noggin::runtime
