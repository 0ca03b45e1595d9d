#include "train/search/trial_recipe.h"

#include <algorithm>
#include <cmath>

#include "train/recipe/stage_sections.h"
#include "train/search/training_plan.h"

namespace noggin::train {
namespace {

using Phases = std::vector<Phase>;

// The first prune phase and what recovers the pruned student at its new size.
Phases pruning_of(const Recipe& recipe) {
  const auto is_prune = [](const Phase& phase) { return phase.kind == PhaseKind::kPrune; };
  const auto prune = std::ranges::find_if(recipe.phases, is_prune);
  if (prune == recipe.phases.end()) return {phase_after(recipe.phases.front(), PhaseKind::kPrune, false)};
  const auto end =
      std::find_if(prune + 1, recipe.phases.end(), [](const Phase& phase) { return phase.kind != PhaseKind::kDistil; });
  return {prune, end};
}

Phase quantization_of(const Recipe& recipe, bool four_bits) {
  const Phase planned = phase_after(recipe.phases.front(), PhaseKind::kQat, four_bits);
  if (recipe.phases.back().kind != PhaseKind::kQat) return planned;
  Phase own = recipe.phases.back();
  if (!four_bits || own.epochs <= 0.0) return own;  // of no epochs: the recipe only calibrates
  own.epochs = std::max(own.epochs, planned.epochs);
  own.min_steps = std::max(own.min_steps, planned.min_steps);
  own.learning_rate = std::max(own.learning_rate, planned.learning_rate);
  return own;
}

// What is learnt in fewer steps is removed in fewer, too.
void shorten(double length, Phase& phase) {
  phase.epochs *= length;
  phase.removal_epochs *= length;
  phase.min_steps = static_cast<std::uint32_t>(std::lround(phase.min_steps * length));
}

// The recipe's own are for all of its layers.
void take_rates(const Recipe& recipe, std::uint32_t layers, Phases& phases) {
  if (!recipe.init.folder.empty()) scale_rates(recipe.student.layers, layers, phases);
}

}  // namespace

std::size_t float_phases(const Recipe& recipe) {
  const auto first =
      std::ranges::find_if(recipe.phases, [](const Phase& phase) { return phase.kind != PhaseKind::kDistil; });
  return static_cast<std::size_t>(first - recipe.phases.begin());
}

Recipe float_recipe(const Recipe& recipe, std::uint32_t layers) {
  Recipe floats = with_layers(first_phases(recipe, float_phases(recipe)), layers);
  take_rates(recipe, layers, floats.phases);
  return floats;
}

Recipe trial_recipe(const Recipe& recipe, const StudentShape& shape, double length) {
  Recipe trial = float_recipe(recipe, shape.layers);
  Phases later;
  if (cut_at(shape.cut).any() || shape.words > 0) later = pruning_of(recipe);
  later.push_back(quantization_of(recipe, shape.form.weight_bits == 4));
  for (Phase& phase : later) {
    shorten(length, phase);
    phase.hidden_weight = 0.0;  // its projection is not part of a finished phase, so no other run could go on from it
  }
  take_rates(recipe, shape.layers, later);
  trial.phases.insert(trial.phases.end(), later.begin(), later.end());
  set_pruning(cut_at(shape.cut), trial, shape.words);
  trial.quantize = shape.form;
  trial.name = recipe.name + "-" + name_of(shape);
  return trial;
}

}  // namespace noggin::train
