// Whether the shape of a recipe can meet its budget, before any training; and what would.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/rows/labels.h"
#include "train/cli/known_texts.h"
#include "train/cli/model_plan.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

// budget.size_mb in bytes.
std::uint64_t budget_bytes(const train::BudgetRecipe& budget);

// How much of it words may take, their table and their spelling, beyond the narrowest rows: a quarter of size_mb.
std::uint64_t room_for_words(const train::BudgetRecipe& budget);

struct BudgetFindings {
  struct Problem {
    std::string key;      // of the recipe: "budget.size_mb"
    std::string message;  // what, the bytes by part, and single changes that would do, computed
  };
  std::vector<Problem> problems;      // the shape cannot meet the budget
  std::vector<std::string> warnings;  // it may or may not
};

// The size if the recipe has a budget for it; time if it has one and `plan` is timed: too slow is a shape whose lower
// quartile is above the budget.
BudgetFindings judge_budget(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                            const ModelPlan& plan);

// The vocabulary cut to `pieces`, as ingest would cut it as far as that is known; whole if it cannot be.
KnownTexts with_pieces(const train::Recipe& recipe, const KnownTexts& known, std::uint32_t pieces);

// Bytes of the largest file that the recipe can give.
std::uint64_t planned_bytes(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known);

// The most pieces of `all`, in whole steps, of which `fits` holds, as it does of fewer; 0 if of none.
std::uint32_t most_pieces(std::uint32_t all, std::uint32_t step, const std::function<bool(std::uint32_t)>& fits);

// The most pieces with which the file still fits `bytes`; 0 if none do.
std::uint32_t pieces_that_fit(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                              std::uint64_t bytes);

}  // namespace noggin::tool
