// Ingest by itself, into a folder that need not be a run's.
#pragma once

#include <string>

#include "data/ingest/ingest_plan.h"
#include "train/cli/console.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

// Reads what the recipe names and leaves the files of data/ingest/ingest_plan.h in `folder`, where it replaces an
// earlier ingest. Throws Failure; with the exit code of a signal if one has stopped it.
data::IngestReport ingest_into(const train::Recipe& recipe, const std::string& folder, Console& console);

}  // namespace noggin::tool
