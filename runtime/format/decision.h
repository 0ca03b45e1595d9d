// How logits become an answer: what the decision section of a file says. A file without one has the defaults, which are
// those of a plain classifier.
#pragma once

#include <cstddef>
#include <span>

#include "spec/task.h"

namespace noggin::format {

struct Decision {
  spec::TaskKind kind = spec::TaskKind::kSingleLabel;
  float temperature = 1.0F;            // probabilities are of logits / temperature
  float abstain_below = 0.0F;          // kSingleLabel: an answer less probable than this is handed on; 0: never
  std::span<const float> thresholds{};  // kMultiLabel, kScore: [C], what counts as a yes; empty: 0.5

  float threshold(std::size_t c) const { return thresholds.empty() ? 0.5F : thresholds[c]; }
};

inline bool is_plain_classifier(const Decision& decision) {
  return decision.kind == spec::TaskKind::kSingleLabel && decision.temperature == 1.0F &&
         decision.abstain_below == 0.0F && decision.thresholds.empty();
}

}  // namespace noggin::format
