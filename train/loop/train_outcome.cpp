#include "train/loop/trainer.h"

namespace noggin::train {
namespace {

std::string last_checkpoint(const std::vector<PhaseResult>& phases, const char* name) {
  for (auto phase = phases.rbegin(); phase != phases.rend(); ++phase) {
    if (phase->phase == name) return phase->checkpoint;
  }
  return {};
}

}  // namespace

std::string TrainOutcome::float_checkpoint() const { return last_checkpoint(phases, "distil"); }
std::string TrainOutcome::pruned_checkpoint() const { return last_checkpoint(phases, "prune"); }
std::string TrainOutcome::final_checkpoint() const { return phases.empty() ? std::string() : phases.back().checkpoint; }

}  // namespace noggin::train
