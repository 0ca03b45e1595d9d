// What the figures of a run need of a model's logits, so that the logits need not be kept.
#pragma once

#include <vector>

#include "data/metrics/classification_metrics.h"

namespace noggin::train {

struct StatedFigures {
  std::vector<data::Confidence> confidences;  // single_label: of each row with gold
  std::vector<double> losses;                 // single_label: per row, the gold class's; 0 without gold
  std::vector<float> probabilities;           // multi_label, score: [rows, C]
};

}  // namespace noggin::train
