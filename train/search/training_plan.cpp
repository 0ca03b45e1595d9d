#include "train/search/training_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace noggin::train {
namespace {

constexpr std::uint32_t kPatience = 8;

// Of a phase: its share of the first one's steps and of its learning rate.
struct Part {
  PhaseKind kind;
  double epochs, steps, rate;
};
constexpr Part kDistil{PhaseKind::kDistil, 3.0, 1.0, 1.0};
constexpr Part kPrune{PhaseKind::kPrune, 3.0, 0.6, 0.75};
constexpr Part kInt8{PhaseKind::kQat, 1.0, 0.15, 0.25}, kInt4{PhaseKind::kQat, 1.0, 0.4, 0.5};

constexpr double kRandomRate = 1e-3, kPretrainedRate = 2e-4;
constexpr std::uint64_t kRandomSteps = 4000, kFewestSteps = 1200, kMostSteps = 2500;

// At least so many steps of the first phase. An encoder learns a small task in a dozen epochs; many rows need fewer.
std::uint64_t fewest_steps(const TrainingFacts& facts, std::uint32_t batch_rows) {
  constexpr std::uint64_t kEpochs = 12;
  if (!facts.pretrained) return kRandomSteps;
  return std::clamp(kEpochs * facts.rows / batch_rows, kFewestSteps, kMostSteps) / 100 * 100;
}

void set_length(const Part& part, double steps, double rate, Phase& phase) {
  phase.epochs = part.epochs;
  phase.min_steps = static_cast<std::uint32_t>(steps * part.steps);
  phase.learning_rate = std::round(rate * part.rate * 1e6) / 1e6;  // 1.5e-4, not 1.5000000000000001e-4
}

// What differs between phases beside their length.
void set_kind(PhaseKind kind, Phase& phase) {
  phase.kind = kind;
  phase.token_dropout = kind == PhaseKind::kQat ? 0.0 : 0.05;
  if (kind == PhaseKind::kQat) phase.scale_learning_rate = 1.0;
}

}  // namespace

Phase phase_after(const Phase& first, PhaseKind kind, bool four_bits) {
  const Part& part = kind == PhaseKind::kPrune ? kPrune : four_bits ? kInt4 : kInt8;
  Phase phase = first;
  set_length(part, first.min_steps, first.learning_rate, phase);
  phase.epochs = first.epochs * part.epochs / kDistil.epochs;
  phase.attention_weight = 0.0;  // of float phases alone
  set_kind(kind, phase);
  return phase;
}

void plan_four_bits(Recipe& recipe) {
  const Phase first = recipe.phases.front();
  for (Phase& phase : recipe.phases)
    if (phase.kind == PhaseKind::kQat) set_length(kInt4, first.min_steps, first.learning_rate, phase);
}

std::vector<std::string> plan_training(const TrainingFacts& facts, Recipe& recipe) {
  std::vector<std::string> reasons;
  const double rate = facts.pretrained ? kPretrainedRate : kRandomRate;
  const auto steps = static_cast<double>(fewest_steps(facts, recipe.train.batch_rows));
  recipe.phases.clear();
  for (const Part& part : {kDistil, kPrune, kInt8}) {
    if (part.kind == PhaseKind::kPrune && !facts.fitted) continue;
    Phase phase;
    set_kind(part.kind, phase);
    set_length(part, steps, rate, phase);
    phase.patience = kPatience;
    const bool both = facts.has_teacher && facts.has_gold;
    phase.teacher_weight = both ? 0.5 : facts.has_teacher ? 1.0 : 0.0;
    phase.gold_weight = both ? 0.5 : facts.has_gold ? 1.0 : 0.0;
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

}  // namespace noggin::train
