// Runs the phases of a recipe, for example distil -> prune -> distil (recovers the pruned student) -> qat. Each phase
// starts from the best student of the previous one. All state that must survive a kill is written to
// <folder>/checkpoints/resume.ckpt, with the fingerprint of recipe and data that it belongs to
// (checkpoint/resume_files.h). A recipe of which later phases have changed goes on after the last phase that has not.
// On the same machine and thread count, a resumed run gives the same weights to the bit as an uninterrupted one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "train/checkpoint/checkpoint.h"
#include "train/loop/evaluate.h"
#include "train/recipe/recipe.h"
#include "train/run/progress.h"

namespace noggin::train {

struct TrainJob {
  Recipe recipe;  // adopted: adopt_pretrained, adopt_start
  std::vector<std::string> train_shards, dev_shards;
  runtime::TokenizerContents tokenizer;
  format::TaskContents task;
  std::string folder;  // the run directory; checkpoints/ and metrics.jsonl are created in it
  // true: delete what any training has saved there and start over, but for finished phases at the beginning that this
  // training has in common with another one (ResumeFiles::discard)
  bool fresh = false;
  // checkpoints/ of another run, from which to take such phases where there is no state to go on from; "": none
  std::string reuse{};
  // Called on rank 0 before anything is changed, if not everything is finished already. Empty: nothing to do then.
  std::function<void()> begins{};
};

struct PhaseResult {
  std::string phase;     // "distil", "prune", "qat"
  SetMetrics dev;        // of the best student of the phase; qat: through the exact quantized forward. Rank 0 only
  double loss = 0.0;     // mean training loss of the last epoch
  double seconds = 0.0;  // in this process; 0 if an earlier process finished the phase
  std::uint64_t steps = 0, best_step = 0;  // done; after which `dev` was measured
  // On dev before the first step: what the change of the phase costs by itself. Of qat: calibration alone, which ships
  // if no step makes it better. -1: not measured, in the first phase.
  double first_primary_metric = -1.0;
  std::string checkpoint;  // its student bundle
};

struct TrainOutcome {
  std::vector<PhaseResult> phases;  // in order
  std::string start{};              // checkpoint of what init.from gave the first phase; else empty
  std::string fingerprint;          // of recipe and data: the training's id in metrics.jsonl and results
  bool stopped_by_signal = false;   // state is saved; run again to continue
  // Where no phase comes before pruning, or before qat, the next two are the start.
  std::string float_checkpoint() const;       // of the last phase before anything is pruned or quantized
  std::string best_float_checkpoint() const;  // of the phase before qat with the best dev; of equals the first
  std::string pruned_checkpoint() const;      // of the last phase before qat, if there was a prune phase; else empty
  std::string final_checkpoint() const;       // what is exported
};

// Throws Failure. Saves and returns early when StopSignal::requested() (stop_signal.h).
TrainOutcome train(const TrainJob& job, Progress& progress);

}  // namespace noggin::train
