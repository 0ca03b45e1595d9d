// The forward pass of an encoder: token ids in, logits out. Reads as the definition in spec/NUMERICS.md, step by step,
// with the names of engine/trace.h; the trainer's quantized forward has the same steps in the same order.
//
// Texts are packed one after the other, without padding. All steps but attention and pooling treat each row
// independently, so threads divide the rows and meet twice per layer. The result does not depend on which thread
// computes a row or which rows are computed together.
#pragma once

#include <cstddef>

#include "engine/chunk.h"
#include "engine/thread_pool.h"

namespace noggin::runtime {

// See FamilyOps::forward.
void encoder_forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member);

}  // namespace noggin::runtime
