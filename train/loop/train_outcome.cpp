#include "train/loop/trainer.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

bool is(const PhaseResult& result, PhaseKind kind) { return result.phase == phase_kind_name(kind); }

}  // namespace

std::string TrainOutcome::float_checkpoint() const {
  std::string checkpoint = start;
  for (const PhaseResult& result : phases) {
    if (!is(result, PhaseKind::kDistil)) break;
    checkpoint = result.checkpoint;
  }
  return checkpoint;
}

std::string TrainOutcome::best_float_checkpoint() const {
  const PhaseResult* best = nullptr;
  for (const PhaseResult& result : phases) {
    if (is(result, PhaseKind::kQat)) break;
    if (best == nullptr || result.dev.primary_metric > best->dev.primary_metric) best = &result;
  }
  return best == nullptr ? start : best->checkpoint;
}

std::string TrainOutcome::pruned_checkpoint() const {
  bool pruned = false;
  std::string checkpoint;
  for (const PhaseResult& result : phases) {
    if (is(result, PhaseKind::kQat)) break;
    pruned = pruned || is(result, PhaseKind::kPrune);
    if (pruned) checkpoint = result.checkpoint;
  }
  return checkpoint;
}

std::string TrainOutcome::final_checkpoint() const { return phases.empty() ? std::string() : phases.back().checkpoint; }

}  // namespace noggin::train
