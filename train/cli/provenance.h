// The parts of a model's provenance that the student and the baseline share: hashes, versions and figures; no paths or
// times, so that equal inputs give equal bytes. The order of the keys is part of those bytes.
#pragma once

#include <vector>

#include "data/metrics/row_score.h"
#include "train/cli/console.h"
#include "train/cli/stages.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

// Versions, recipe and seed, to begin with.
Json provenance_of(const RunContext& context);
// The hash of each file that ingest wrote, by name.
Json data_hashes(const IngestedData& data);
// data_xxh3: the hash of each file that ingest wrote.
void add_data(Json& provenance, const IngestedData& data);
// For a score task: its positive threshold, which held_out_rows.h reads.
void add_score_threshold(Json& provenance, const train::Recipe& recipe);
// dev or test: the primary metric on it, with its interval.
void add_measured(Json& provenance, HeldOut split, const train::TaskReader& reader,
                  const std::vector<data::RowScore>& scores);

}  // namespace noggin::tool
