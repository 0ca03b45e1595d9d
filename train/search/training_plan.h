// How `noggin init --from` and `noggin compress` train: lengths, rates and weights by what the rows have and where the
// weights start. Rules of thumb, which experiments/first_try puts to the test; each line of a recipe can be changed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "train/recipe/recipe.h"

namespace noggin::train {

// What gold counts in a row that has a teacher's answer, too, unless something speaks for another share.
inline constexpr double kUsualGoldShare = 0.5;

struct TrainingFacts {
  std::uint64_t dev_rows = 0;                  // that decide
  std::uint64_t test_rows = 0;                 // that are measured at the end
  std::uint64_t rows = 0;                      // that train, or as many as were counted
  bool has_teacher = false, has_gold = false;  // of training rows
  double gold_share = kUsualGoldShare;         // of the loss of rows that have both; the teacher's is the rest
  bool pretrained = false;                     // the weights start from an encoder's
  bool fitted = false;                         // the shape will be fitted to a budget, by pruning if need be
  bool tags = false;                           // task tag: spans of types
};

// Layers of four bits lose more than those of eight, so their qat phase is longer. Of a planned recipe.
void plan_four_bits(Recipe& recipe);

// Sets the phases, and what they share of `train`, of a recipe. Returns the reasons, a line each.
std::vector<std::string> plan_training(const TrainingFacts& facts, Recipe& recipe);

// The rates of plan_training are for weights of an encoder with so many layers.
inline constexpr std::uint32_t kPlannedLayers = 6;
// Fewer pretrained layers learn at higher rates, in inverse proportion (experiments/first_try): those for `from` layers
// become those for `to`.
void scale_rates(std::uint32_t from, std::uint32_t to, std::span<Phase> phases);

// A prune or qat phase after `first`, which trains the float student: its weights, and the share of its length and rate
// that plan_training gives. four_bits: of a qat phase, that layers have four bits.
Phase phase_after(const Phase& first, PhaseKind kind, bool four_bits);

}  // namespace noggin::train
