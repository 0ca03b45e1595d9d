// How long a phase is, in steps. Epochs say how often each row is read, but with few rows many epochs are few steps:
// `min_steps` stretches such a phase, and all that happens in it, as if its epochs were longer.
#pragma once

#include <cstdint>

#include "train/recipe/recipe.h"

namespace noggin::train {

struct PhaseLength {
  std::uint64_t steps = 0;          // 0: qat that only calibrates
  std::uint64_t removal_steps = 0;  // prune: at most `steps`
  std::uint64_t evaluation_interval = 1;
};

// steps_per_epoch, evaluations_per_epoch: at least 1.
PhaseLength phase_length(const Phase& phase, std::uint64_t steps_per_epoch, std::uint32_t evaluations_per_epoch);

}  // namespace noggin::train
