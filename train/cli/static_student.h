// The static student of a run: a student without layers (spec::is_static) as a further candidate, of the same rows. It
// lies in the folder `static` of the run, which is a run directory of its own: verify, eval, predict and export work
// there as everywhere. With a vocabulary of its own it has rows of its own, which are those of the run in other pieces;
// else its `data` is a link to that of the run.
#pragma once

#include <optional>

#include "train/cli/stages.h"

namespace noggin::tool {

struct StaticStudent {
  ExportedModel model;
  VerifiedModel verified;
  Predictions predictions;   // of the file, on the measured rows
  double dev_quality = 0.0;  // the primary metric on dev
  bool stopped = false;      // by a signal; the state is saved
};

// Whether it has rows of its own, in pieces that are not those of the student.
bool static_has_own_rows(const train::Recipe& recipe);

// The recipe of the static student of a recipe, for a model of so many classes.
train::Recipe static_recipe(const train::Recipe& recipe, std::size_t classes);

// Trains, exports and verifies it. Nothing if the recipe does not ask for it, is one itself or answers per token, and
// where it fails, which is a warning: a run does not fail because of its second candidate.
std::optional<StaticStudent> static_stage(RunContext& context, const IngestedData& data);

}  // namespace noggin::tool
