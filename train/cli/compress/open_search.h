// The folder of a search: a run directory of the recipe that was given, with the rows that all trials share.
#pragma once

#include "train/cli/arguments.h"
#include "train/cli/stages.h"
#include "train/search/search_state.h"
#include "train/search/trial_log.h"

namespace noggin::tool {

struct OpenSearch {
  RunContext context;
  train::SearchState state;
  train::TrialLog log;
};

// Opens it, with all that can be refused before anything is read or trained: a recipe that cannot be searched, a folder
// that holds something else. With --force a search of other settings begins anew.
OpenSearch open_search(const Arguments& arguments, Console& console, bool frontier);

}  // namespace noggin::tool
