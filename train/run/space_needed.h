// How much disk a run takes at most, from its recipe and the size of its inputs: asked before anything is written.
#pragma once

#include <cstdint>

#include "train/recipe/recipe.h"

namespace noggin::train {

struct RunInputs {
  std::uint64_t log_bytes = 0;   // of all splits
  std::uint64_t test_bytes = 0;  // of the test split alone
  std::uint32_t classes = 0, vocabulary_size = 0;
};

// In bytes, an upper estimate: shards, the saved states and students of training, the exported files.
std::uint64_t space_needed(const Recipe& recipe, const RunInputs& inputs);

}  // namespace noggin::train
