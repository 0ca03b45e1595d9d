// Whether the rows have what each weight of each phase learns from.
#pragma once

#include <string>
#include <vector>

#include "data/ingest/split_contents.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

struct PhaseFindings {
  std::vector<std::string> problems;  // training would learn nothing, or only in part of what is shipped
  std::vector<std::string> warnings;
};

// targets: of the training rows. Names key, phase, count and share of what each weight finds.
//   teacher_weight      texts (tag, edit: words) with an answer of the teacher
//   gold_weight         those with gold
//   float_weight        those with either
//   hidden_weight, attention_weight, relation_weight    every row; they train the encoder, not its classifier
// A phase of 0 epochs has no steps and needs nothing. A classifier that the start brings whole needs no phase.
PhaseFindings check_phase_targets(const Recipe& recipe, const data::TargetCounts& targets);

}  // namespace noggin::train
