// How much gold counts beside a teacher's answer to the same row: chosen on dev, by linear models (train/baseline).
// They learn in seconds, from the same two targets as the student: a teacher who is often wrong misleads both, and so
// does gold that is. Students were seen to prefer what they prefer (experiments/first_try).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/rows/labels.h"
#include "data/rows/record.h"
#include "train/recipe/recipe.h"
#include "train/search/training_plan.h"

namespace noggin::tool {

struct LossMix {
  struct Trial {
    double gold_share = 0.0;  // of a row's loss; the teacher's is the rest
    double quality = 0.0;     // on dev, the task's primary metric
  };
  double gold_share =
      train::kUsualGoldShare;     // unless dev proves that another one is better, at 95 % for all trials together
  std::vector<Trial> trials{};    // empty: too few rows have both, or too few of dev have gold
  std::size_t rows = 0, dev = 0;  // that they learnt from and were measured on

  std::string reason() const;  // for a recipe's comments
};

// Rows about one text belong together: gold of one, a teacher's answer of another.
//
// recipe: its task, seed, baseline and tokenizer. labels: of that task. Of each set at most so many rows are used.
// Deterministic. Throws Failure if a signal comes, and as the training of a tokenizer does.
inline constexpr std::size_t kMostMixRows = 5'000;
LossMix choose_loss_mix(const train::Recipe& recipe, const data::LabelSet& labels,
                        const std::vector<data::Record>& training, const std::vector<data::Record>& dev);

}  // namespace noggin::tool
