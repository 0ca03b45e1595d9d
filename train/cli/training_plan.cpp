#include "train/cli/training_plan.h"

#include <fmt/format.h>

namespace noggin::tool {
namespace {

using train::Phase;
using train::PhaseKind;

constexpr std::uint32_t kPatience = 8;

// Of a phase: its share of the first one's steps and of its learning rate.
struct Part {
  PhaseKind kind;
  double epochs, steps, rate;
};

}  // namespace

std::vector<std::string> plan_training(const TrainingFacts& facts, train::Recipe& recipe) {
  std::vector<std::string> reasons;
  const double rate = facts.pretrained ? 2e-4 : 1e-3, steps = facts.pretrained ? 2500.0 : 4000.0;
  constexpr Part kParts[] = {
      {PhaseKind::kDistil, 3.0, 1.0, 1.0}, {PhaseKind::kPrune, 3.0, 1.0, 0.75}, {PhaseKind::kQat, 0.5, 0.15, 0.25}};
  recipe.phases.clear();
  for (const Part& part : kParts) {
    if (part.kind == PhaseKind::kPrune && !facts.fitted) continue;
    Phase phase;
    phase.kind = part.kind;
    phase.epochs = part.epochs;
    phase.min_steps = static_cast<std::uint32_t>(steps * part.steps);
    phase.patience = kPatience;
    phase.learning_rate = rate * part.rate;
    phase.token_dropout = part.kind == PhaseKind::kQat ? 0.0 : 0.05;
    const bool both = facts.has_teacher && facts.has_gold;
    phase.teacher_weight = both ? 0.5 : facts.has_teacher ? 1.0 : 0.0;
    phase.gold_weight = both ? 0.5 : facts.has_gold ? 1.0 : 0.0;
    if (part.kind == PhaseKind::kQat) phase.scale_learning_rate = 1.0;
    recipe.phases.push_back(phase);
  }
  recipe.train.ema = 0.995;
  recipe.train.evaluations_per_epoch = 8;
  reasons.push_back(
      fmt::format("lengths: 3 epochs, or {:.0f} steps where the rows are few; the rate {} is for weights {}", steps,
                  rate, facts.pretrained ? "of a pretrained encoder" : "that start at random"));
  if (!facts.fitted) reasons.push_back("no prune phase: without --start or a budget nothing has to be removed");
  if (facts.has_teacher && facts.has_gold)
    reasons.push_back("weights: half teacher, half gold, because rows have both: gold corrects the teacher's errors");
  return reasons;
}

}  // namespace noggin::tool
