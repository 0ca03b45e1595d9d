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
Json provenance_of(const train::Recipe& recipe);
// The hash of each file that ingest wrote, by name.
Json data_hashes(const IngestedData& data);
// data_xxh3: the hash of each file that ingest wrote.
void add_data(Json& provenance, const IngestedData& data);
// For a score task: its positive threshold, which held_out_rows.h reads.
void add_score_threshold(Json& provenance, const train::Recipe& recipe);
// dev or test: the primary metric on it, with its interval.
void add_measured(Json& provenance, HeldOut split, const train::TaskReader& reader,
                  const std::vector<data::RowScore>& scores);

// Of a student: what its file says, and what a file that is still to come will say with other figures.
struct StudentFacts {
  Json data_hashes;                    // data_hashes() of the run
  std::string checkpoint_hash;         // hex() of the checkpoint's
  Json history;                        // train::phase_history of its last phase
  std::vector<data::RowScore> scores;  // on test
};
// As text, with blanks before the last brace: as many as make its size independent of the figures in it. So the size of
// a model file is known before it is trained.
std::string student_provenance(const train::Recipe& recipe, HeldOut split, const train::TaskReader& reader,
                               const StudentFacts& facts);

}  // namespace noggin::tool
