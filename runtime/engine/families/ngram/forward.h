// The forward pass of an n-gram model: ids of known n-grams in, logits out, as spec/NUMERICS.md defines it. The same code
// on every instruction set: what little there is to compute does not pay for kernels.
#pragma once

#include <cstddef>

#include "engine/families/encoder/forward.h"

namespace noggin::runtime {

// Scratch of one thread: a value for each of a text's n-grams, a sum for each class.
std::size_t ngram_scratch_bytes(const spec::ModelConfig& config);

// As forward(): what `member` of the team does, logits [texts, C]. Sorts each text's ids where they lie.
void ngram_forward(const Pass& pass, const Team& team, std::size_t member);

}  // namespace noggin::runtime
