// The shape of a proposed recipe: where a pretrained encoder is the start, or a budget is given, as much of the student
// as fits. By the same computation as `noggin check` (model_plan.h).
#pragma once

#include <string>

#include "train/cli/recipe_proposal.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct ShapeWishes {
  std::string start{};           // a pretrained encoder as a Hugging Face folder; empty: random weights
  train::BudgetRecipe budget{};  // 0: none
};

// The largest file that is proposed where nothing else is wished, in MB: of an encoder that is the start.
inline constexpr double kUsualSizeMb = 5.0;

// All layers, every piece that the training texts use, and as many others of the encoder's as a quarter of the budget
// holds, in narrow word rows where that is not all of them. What is too large gets int4 words, then int4 layers, too;
// of what does not fit even so are removed, in this order: neurons, up to one half, heads, up to one half, layers,
// evenly. Two layers lose more than half before one is left alone, and at last go pieces that the texts use, as far as
// words keep a fifth. Room that is left takes further pieces of the encoder.
//
// Sets init, tokenizer, budget, quantize, student and phases of the proposed recipe, whose paths are relative to
// `folder`; appends the reason of each choice to its comments. Throws Failure: kUsage for a budget that nothing fits,
// else what the encoder's folder or the texts are at fault of.
void fit_shape(const ShapeWishes& wishes, const std::string& folder, RecipeProposal& proposal);

}  // namespace noggin::tool
