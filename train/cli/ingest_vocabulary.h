// Which vocabulary a recipe asks ingest for.
#pragma once

#include "data/ingest/ingest_plan.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

using VocabularyChoice = decltype(data::IngestPlan::tokenizer);

// One to train, or the recipe's or that of its start, as it is or trimmed. Throws Failure when a file of it
// cannot be read.
VocabularyChoice vocabulary_choice(const train::Recipe& recipe);

}  // namespace noggin::tool
