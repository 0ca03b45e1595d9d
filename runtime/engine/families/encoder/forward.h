// The forward pass: token ids in, logits out. Reads as the definition in spec/NUMERICS.md, step by step, with the names
// of engine/trace.h; the trainer's quantized forward has the same steps in the same order.
//
// Texts are packed one after the other, without padding. All steps but attention and pooling treat each row
// independently, so threads divide the rows and meet twice per layer. The result does not depend on which thread
// computes a row or which rows are computed together.
#pragma once

#include <cstddef>

#include "engine/arena.h"
#include "engine/prepared_model.h"
#include "engine/thread_pool.h"
#include "engine/trace.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"

namespace noggin::runtime {

struct Chunk {
  const format::ModelView& model;
  const PreparedModel& prepared;
  const KernelSet& kernels;
  const Workspace& workspace;
  // Ids of text b: workspace.token_ids from workspace.text_starts[b] to text_starts[b + 1], 1 to max_tokens of them,
  // each below the vocabulary size.
  std::size_t texts;
  TraceSink* trace;  // may be null; needs one text and a pool of one
};

// The part of a pass that `member` of the pool does; call it on every member. Leaves logits in workspace.logits:
// [texts, C], or [tokens of all texts, C] where the head answers every token.
// Expects the environment of float_environment.h. Allocates nothing unless traced; throws only what the trace throws.
void forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member);

}  // namespace noggin::runtime
