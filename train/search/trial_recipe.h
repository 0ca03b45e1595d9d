// The recipes that a search trains, made from the recipe that it was given. A trial is an ordinary recipe: it begins
// with the float phases that all trials of the same layers share (a run with --reuse takes them), and what follows is
// shaped after the given recipe's own prune and qat phases.
#pragma once

#include "train/recipe/recipe.h"
#include "train/search/student_shape.h"

namespace noggin::train {

// How many phases train the float student: those before the first prune or qat.
std::size_t float_phases(const Recipe& recipe);

// Only these, for a student of so many layers.
Recipe float_recipe(const Recipe& recipe, std::uint32_t layers);

// The float phases; a prune phase, with the distil phases after it, if the shape has something to remove; a qat phase.
// Those that the recipe lacks are phase_after() its last float phase (training_plan.h), and so is the qat phase of
// layers of four bits where the recipe's is shorter. length: the share of their steps, 1 for all.
Recipe trial_recipe(const Recipe& recipe, const StudentShape& shape, double length);

}  // namespace noggin::train
