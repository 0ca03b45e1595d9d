// All state of a training run that must survive a restart. Anything else is lost, so the order of rows and dropout
// depend on (seed, phase, step) alone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/checkpoint/checkpoint.h"
#include "train/compress/prune.h"
#include "train/loop/evaluate.h"
#include "train/loop/optimizer.h"
#include "train/loop/precision.h"

namespace noggin::train {

struct TrainState {
  std::size_t phase = 0;                   // index in the recipe
  std::uint64_t step = 0;                  // steps done in this phase
  Precision precision = Precision::kFp32;  // chosen once per run (precision.h)
  Student student;                         // weights, activation scales, pruning masks
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<ImportanceScores> importance;  // prune: sums since the last removal
  Student best;                                  // best evaluated student of this phase
  double best_primary_metric = -1.0, best_cross_entropy = 0.0;
  double first_primary_metric = -1.0;        // before the first step; -1: not measured
  std::uint64_t best_step = 0;               // of `best`
  std::uint64_t evaluations_since_best = 0;  // rank 0's
  double loss_sum = 0.0;                     // since the last evaluation
  std::uint64_t loss_count = 0;
  double last_loss = 0.0;  // mean up to the last evaluation
};

// `fingerprint` identifies the resolved recipe and data; the caller refuses the state of another run.
Status save_state(const TrainState& state, const std::string& fingerprint, const std::string& path);
// The saved state with its optimizer rebuilt on `device`, with the optimizer options of the saved phase. Throws
// Failure.
struct LoadedState {
  TrainState state;
  std::string fingerprint;
  std::map<std::string, Tensor> optimizer_state;  // for Optimizer::load_state
};
LoadedState load_state(const std::string& path, torch::Device device);

}  // namespace noggin::train
