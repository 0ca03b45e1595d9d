// What people should see of each split after an ingest, beside the table of lines: how far the teacher's answers can be
// trusted, which classes there are, what repeats. Says nothing of what a split does not have.
#pragma once

#include <string>

#include "data/ingest/ingest_plan.h"

namespace noggin::data {

// A few lines for each split, its name before the first; "" if there is nothing to say.
std::string summary_of(const IngestReport& report);

}  // namespace noggin::data
