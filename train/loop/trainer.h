// Runs the phases of a recipe: distil -> prune -> distil to recover, small now -> qat, each from the best student of the one
// before. Everything that must
// survive a kill is written to <folder>/checkpoints/resume.ckpt; a resumed run gives the same weights to the bit as an
// uninterrupted one on the same machine and thread count.
#pragma once

#include <string>
#include <vector>

#include "train/checkpoint/checkpoint.h"
#include "train/loop/evaluate.h"
#include "train/run/progress.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

struct TrainJob {
  Recipe recipe;
  std::vector<std::string> train_shards, dev_shards;
  runtime::TokenizerContents tokenizer;
  format::TaskContents task;
  std::string folder;   // the run directory; checkpoints/ and metrics.jsonl are made in it
  bool fresh = false;   // true: ignore an existing resume checkpoint
};

struct PhaseResult {
  std::string phase;    // "distil", "prune", "qat"
  SetMetrics dev;       // of the best student of the phase; qat: through the exact quantized forward. Rank 0 only
  double loss = 0.0;    // mean training loss of the last epoch
  double seconds = 0.0; // of this process; 0 when the phase was finished before
  std::uint64_t steps = 0;
  std::string checkpoint;  // its student bundle
};

struct TrainOutcome {
  std::vector<PhaseResult> phases;      // in order
  bool stopped_by_signal = false;       // state is saved; run again to go on
  std::string float_checkpoint() const;   // of the last phase before anything is pruned or quantized
  std::string pruned_checkpoint() const;  // of the last phase before qat where a prune phase was; else empty
  std::string final_checkpoint() const;   // what is exported
};

// Throws Failure. Saves and returns early when StopSignal::requested() (stop_signal.h).
TrainOutcome train(const TrainJob& job, Progress& progress);

}  // namespace noggin::train
