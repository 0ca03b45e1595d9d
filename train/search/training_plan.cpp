#include "train/search/training_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace noggin::train {
namespace {

// Of a phase: its share of the first one's steps, and its learning rates.
struct Part {
  PhaseKind kind;
  double epochs, steps;
  double pretrained_rate, random_rate;  // of weights that begin as an encoder's, or at random
};
constexpr Part kDistil{PhaseKind::kDistil, 3.0, 1.0, 2e-4, 1e-3};
constexpr Part kUnswapped{PhaseKind::kDistil, 1.0, 0.3, 1e-4, 5e-4};  // after swaps: the rows as they are
constexpr Part kPrune{PhaseKind::kPrune, 3.0, 0.6, 1.5e-4, 7.5e-4};
constexpr Part kInt8{PhaseKind::kQat, 1.0, 0.15, 5e-5, 2.5e-4};
constexpr Part kInt4{PhaseKind::kQat, 1.0, 0.4, 1e-4, 5e-4};

constexpr std::uint32_t kReferenceRows = 1000;
constexpr std::uint64_t kRandomSteps = 4000, kFewestSteps = 1200, kMostSteps = 2500;

// At least so many steps of the first phase. An encoder learns a small task in a dozen epochs; many rows need fewer.
std::uint64_t fewest_steps(const TrainingFacts& facts, std::uint32_t batch_rows) {
  constexpr std::uint64_t kEpochs = 12;
  if (!facts.pretrained) return kRandomSteps;
  return std::clamp(kEpochs * facts.rows / batch_rows, kFewestSteps, kMostSteps) / 100 * 100;
}

// In each of the first phase's epochs, so that dev takes about a sixth of its time: to answer a row takes a third of
// the time that it takes to learn from it. A phase waits as many evaluations for a better one.
std::uint32_t evaluations_per_epoch(const TrainingFacts& facts, std::uint64_t steps, std::uint32_t batch_rows) {
  constexpr double kShare = 1.0 / 6.0, kLearning = 3.0, kFewest = 3.0, kMost = 8.0;
  const double epoch =
      std::max(static_cast<double>(facts.rows), static_cast<double>(steps * batch_rows) / kDistil.epochs);
  const auto dev = static_cast<double>(std::max<std::uint64_t>(facts.dev_rows, 1));
  return static_cast<std::uint32_t>(std::clamp(kShare * kLearning * epoch / dev, kFewest, kMost));
}

void set_length(const Part& part, bool pretrained, std::uint64_t steps, Phase& phase) {
  phase.epochs = part.epochs;
  phase.min_steps = static_cast<std::uint32_t>(static_cast<double>(steps) * part.steps);
  phase.learning_rate = pretrained ? part.pretrained_rate : part.random_rate;
}

// Of a tagger's rows in the first phase: names change, contexts stay (train/augment). Later phases learn rows as they
// are, beginning with a second float one: a float student that has seen swapped names alone is points below what
// pruning makes of it (experiments/first_try).
constexpr double kSpanSwap = 0.5, kWordSwap = 0.3, kDigitSwap = 0.5;

void set_swaps(bool swaps, Phase& phase) {
  phase.mention_replacement = swaps ? kSpanSwap : 0.0;
  phase.word_swap = swaps ? kWordSwap : 0.0;
  phase.digit_swap = swaps ? kDigitSwap : 0.0;
}

// What differs between phases beside their length.
void set_kind(PhaseKind kind, Phase& phase) {
  phase.kind = kind;
  phase.token_dropout = kind == PhaseKind::kQat ? 0.0 : 0.05;
  if (kind != PhaseKind::kDistil) set_swaps(false, phase);
  if (kind == PhaseKind::kQat) phase.scale_learning_rate = 1.0;
  if (kind != PhaseKind::kPrune) return;
  // All at once, so that the phase is for recovery; what is left stands in for it (experiments/first_try).
  phase.importance = Importance::kSecondOrder;
  phase.removals = 1;
  phase.removal_epochs = 0.1;
}

// What a student may lose to its float one, as a fraction. The gate asks whether a loss within it is proven at 95 %, so
// few rows need more: where the two answer one row in twenty differently, a student that is as good passes in four of
// five cases if the margin is 1.96 + 0.84 standard errors of the difference.
double gate_margin(const TrainingFacts& facts) {
  constexpr double kDiffering = 0.05, kErrors = 2.8, kHalfPoints = 200.0;
  const auto rows = static_cast<double>(facts.dev_rows);
  int margin = facts.fitted ? 4 : 2;
  const double least = kHalfPoints * kHalfPoints * kErrors * kErrors * kDiffering;
  while (margin < 40 && margin * margin * rows < least) ++margin;
  return margin / kHalfPoints;
}

}  // namespace

Phase phase_after(const Phase& first, PhaseKind kind, bool four_bits) {
  const Part& part = kind == PhaseKind::kPrune ? kPrune : four_bits ? kInt4 : kInt8;
  Phase phase = first;
  phase.epochs = first.epochs * part.epochs / kDistil.epochs;
  phase.min_steps = static_cast<std::uint32_t>(first.min_steps * part.steps);
  phase.learning_rate = first.learning_rate * part.pretrained_rate / kDistil.pretrained_rate;
  phase.attention_weight = 0.0;  // of float phases alone
  set_kind(kind, phase);
  return phase;
}

void plan_four_bits(Recipe& recipe) {
  const std::uint32_t steps = recipe.phases.front().min_steps;
  for (Phase& phase : recipe.phases)
    if (phase.kind == PhaseKind::kQat) set_length(kInt4, !recipe.init.folder.empty(), steps, phase);
}

void scale_rates(std::uint32_t from, std::uint32_t to, std::span<Phase> phases) {
  constexpr double kDigits = 1e6;  // what a recipe shows of a rate
  if (from == to) return;
  for (Phase& phase : phases) phase.learning_rate = std::round(phase.learning_rate * kDigits * from / to) / kDigits;
}

std::vector<std::string> plan_training(const TrainingFacts& facts, Recipe& recipe) {
  std::vector<std::string> reasons;
  const std::uint64_t steps = fewest_steps(facts, recipe.train.batch_rows);
  const bool swaps = facts.tags && facts.has_gold;  // what is swapped has gold and no teacher
  recipe.train.evaluations_per_epoch = evaluations_per_epoch(facts, steps, recipe.train.batch_rows);
  recipe.phases.clear();
  std::vector<Part> parts = {kDistil};
  if (swaps) parts.push_back(kUnswapped);
  if (facts.fitted) parts.push_back(kPrune);
  parts.push_back(kInt8);
  for (const Part& part : parts) {
    Phase phase;
    set_kind(part.kind, phase);
    set_length(part, facts.pretrained, steps, phase);
    phase.patience = recipe.train.evaluations_per_epoch;
    if (recipe.phases.empty()) set_swaps(swaps, phase);
    const bool both = facts.has_teacher && facts.has_gold;
    phase.teacher_weight = both ? std::round(100.0 * (1.0 - facts.gold_share)) / 100.0 : facts.has_teacher ? 1.0 : 0.0;
    phase.gold_weight = both ? facts.gold_share : facts.has_gold ? 1.0 : 0.0;
    recipe.phases.push_back(phase);
  }
  recipe.train.ema = 0.995;
  reasons.push_back(fmt::format("lengths: 3 epochs, or {} steps where the rows are few", steps));
  if (!facts.pretrained)
    reasons.push_back(
        fmt::format("the rate {} is for weights that start at random", recipe.phases.front().learning_rate));
  recipe.gates.max_drop_from_float = gate_margin(facts);
  reasons.push_back(fmt::format(
      "max_drop_from_float {:.3f}: {}", recipe.gates.max_drop_from_float,
      facts.fitted ? "what a budget may cost, and no less than dev can prove" : "no less than dev can prove"));
  if (!facts.fitted) reasons.push_back("no prune phase: without --start or a budget nothing has to be removed");
  if (std::max(facts.dev_rows, facts.test_rows) > kReferenceRows) {
    recipe.gates.reference_rows = kReferenceRows;
    reasons.push_back(fmt::format(
        "reference_rows {}: so many rows of dev or test for the scalar kernels, all of them for every other target",
        kReferenceRows));
  }
  if (swaps)
    reasons.push_back(
        "span_swap, word_swap and digit_swap in the first phase: so that the contexts of spans are learnt, and not the "
        "rows' own names and numbers; the second learns the rows as they are");
  return reasons;
}

}  // namespace noggin::train
