// From the recipe's words to checks of a model.
#pragma once

#include <string>
#include <vector>

#include "data/rows/labels.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// What a recipe declares, for the classes of its task. kInvalidArgument names the key and what is wrong: a type that
// no class has.
Result<std::vector<spec::Check>> declared_checks(const ChecksRecipe& checks, spec::TaskKind task,
                                                 const std::vector<std::string>& classes);

// The task that a recipe trains for, before anything is calibrated: labels: its classes.
Result<format::TaskContents> task_of(const Recipe& recipe, const data::LabelSet& labels);

}  // namespace noggin::train
