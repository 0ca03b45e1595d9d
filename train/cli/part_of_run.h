// A run inside of a run: a run directory of its own below another one, so that verify, eval, predict, export and run
// work there as everywhere.
#pragma once

#include <string>

#include "train/cli/stages.h"

namespace noggin::tool {

enum class Rows {
  kOfTheRun,  // its `data` is a link to that of the run
  kOwn        // it has a vocabulary of its own, so it ingests for itself
};

// Opens the folder `name` ("static", "trials/int8-4-layers") of the run for `verb`. Whatever it held of another recipe
// is made anew. With the rows of the run, share_ingest records them there.
RunContext open_part(RunContext& whole, const std::string& name, train::Recipe recipe, Rows rows,
                     const std::string& verb);

}  // namespace noggin::tool
