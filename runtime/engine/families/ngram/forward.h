// The forward pass of an n-gram model: ids of known n-grams in, logits out, as spec/NUMERICS.md defines it. The same
// code on every instruction set: there is too little to compute to justify kernels.
#pragma once

#include <cstddef>

#include "engine/carver.h"
#include "engine/chunk.h"
#include "engine/thread_pool.h"

namespace noggin::runtime {

// See FamilyOps::carve. Only scratch: per thread a value per n-gram of a text and a sum per class.
void carve_ngram(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver, Workspace& w);

// See FamilyOps::forward: logits [texts, C]. Sorts each text's ids in place.
void ngram_forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member);

}  // namespace noggin::runtime
