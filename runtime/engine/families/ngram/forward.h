// The forward pass of an n-gram model: ids of known n-grams in, logits out, as spec/NUMERICS.md defines it. The same
// code on every instruction set: there is too little to compute to justify kernels.
#pragma once

#include <cstddef>

#include "engine/families/encoder/forward.h"

namespace noggin::runtime {

// Scratch of one thread: a value per n-gram of a text and a sum per class.
std::size_t ngram_scratch_bytes(const spec::ModelConfig& config);

// As forward(): the part that `member` of the pool does, logits [texts, C]. Sorts each text's ids in place.
void ngram_forward(const Chunk& chunk, const ThreadPool& thread_pool, std::size_t member);

}  // namespace noggin::runtime
