// The search: which candidates are trained for how long, and which one is the best.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "train/cli/compress/shape_planner.h"
#include "train/cli/compress/trial_runner.h"

namespace noggin::tool {

struct SearchResult {
  std::optional<FloatStudent> whole;  // the float student of all layers; none: no student fits, only its rivals
  std::optional<exporter::Interval> linear_tagger;  // TrialRunner::linear_tagger
  std::vector<train::Trial> trials;                 // of this search, in the order of training
  std::optional<train::Trial> best;                 // none: nothing meets the budget
  std::string reason;                               // why it is the best, or what is nearest and what stands in the way
};

// Before training: the candidates for a budget. None where no student fits but a static one may; warns then. Throws
// Failure (kUsage) if nothing can fit.
std::vector<Candidate> candidates_for(const train::BudgetRecipe& budget, const RunContext& search,
                                      const data::LabelSet& labels, const KnownTexts& known, ShapePlanner& planner);

// Successive halving over the candidates (train/search/halving.h), then the best of the whole trials and their rivals
// on dev.
SearchResult best_within(const train::BudgetRecipe& budget, const std::vector<Candidate>& candidates,
                         TrialRunner& runner);

// For each size the first of its candidates, as a whole trial, and its rivals. `candidates[i]`: for sizes_mb[i].
SearchResult frontier_of(const std::vector<double>& sizes_mb, const std::vector<std::vector<Candidate>>& candidates,
                         TrialRunner& runner);

}  // namespace noggin::tool
