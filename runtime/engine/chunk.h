// One forward pass: what the families' forward functions are given.
#pragma once

#include <cstddef>

#include "engine/arena.h"
#include "engine/families/encoder/prepared_model.h"
#include "engine/trace.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"

namespace noggin::runtime {

// Texts packed one after the other, without padding. Owns nothing.
struct Chunk {
  const format::ModelView& model;
  const PreparedModel& prepared;
  const KernelSet& kernels;
  const Workspace& workspace;
  // Ids of text b: workspace.token_ids from workspace.text_starts[b] to text_starts[b + 1], min_tokens(config) to
  // max_tokens of them, each below the vocabulary size.
  std::size_t texts;
  TraceSink* trace;  // may be null; needs one text and a pool of one
};

}  // namespace noggin::runtime
