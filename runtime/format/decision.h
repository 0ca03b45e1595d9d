// How logits become an answer: the content of a file's decision and checks sections. A file without one has the
// defaults, which are those of a plain classifier.
#pragma once

#include <cstddef>
#include <span>

#include "spec/check.h"
#include "spec/task.h"

namespace noggin::format {

struct Decision {
  spec::TaskKind kind = spec::TaskKind::kSingleLabel;
  float temperature = 1.0F;               // divides the logits before softmax or sigmoid
  float abstain_below = 0.0F;             // kSingleLabel: an answer less probable than this abstains; 0: never
  std::span<const float> thresholds{};    // kMultiLabel, kScore: [C], positive from here up; empty: 0.5
  std::span<const spec::Check> checks{};  // kTag: what finds spans beside the model (engine/tag_text.h)

  float threshold(std::size_t c) const { return thresholds.empty() ? 0.5F : thresholds[c]; }
};

inline bool is_plain_classifier(const Decision& decision) {
  return decision.kind == spec::TaskKind::kSingleLabel && decision.temperature == 1.0F &&
         decision.abstain_below == 0.0F && decision.thresholds.empty();
}

}  // namespace noggin::format
