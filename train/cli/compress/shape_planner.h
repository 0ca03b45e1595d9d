// Which shapes of a student to try for a budget: their bytes are those of a file in memory (model_plan.h), their time
// is predicted from a few timed shapes and checked against the clock. All before training.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "train/cli/known_texts.h"
#include "train/cli/model_plan.h"
#include "train/search/latency_model.h"
#include "train/search/search_state.h"
#include "train/search/student_shape.h"

namespace noggin::tool {

struct Candidate {
  train::StudentShape shape;
  std::string name;                               // train::name_of
  std::uint64_t least_bytes = 0, most_bytes = 0;  // of the file; pruning decides where between
  double predicted_us = 0.0, clocked_us = 0.0;    // a text of median length
};

class ShapePlanner {
 public:
  // `recipe`, `known` and `state` must outlive the planner, which keeps in `state` what it has timed.
  ShapePlanner(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
               train::SearchState& state);

  // Per number of layers and form of weights, the least to remove that fits; with budget.drop more than that, too.
  // Words take a quarter of size_mb, in narrower rows if need be (narrow_words). Forms that can only lose are left out:
  // fewer bits where nothing has to be removed with more, and, without a limit of bytes, any but int8. First come those
  // of at least kFewestLayers with half of their heads and neurons, of these the most layers, of these the fewest
  // values removed: the order of `noggin init`.
  std::vector<Candidate> that_fit(const train::BudgetRecipe& budget);

  // Why nothing fits: the smallest shape that there is, its bytes by part, its time, and what would help.
  std::string obstacle(const train::BudgetRecipe& budget);

 private:
  struct Bytes {
    std::uint64_t least = 0, most = 0, words = 0, heads = 0, neurons = 0;  // words: their table and their spelling
  };
  const Bytes& bytes_of(const train::StudentShape& shape);
  ModelPlan plan_of(const train::StudentShape& shape) const;
  train::TimedShape timed(const train::StudentShape& shape) const;
  const train::LatencyModel& latency_of(const train::QuantizeRecipe& form);
  double predicted(const train::StudentShape& shape);
  bool fits(const train::StudentShape& shape, const train::BudgetRecipe& budget);
  bool same_size(const train::StudentShape& a, const train::StudentShape& b);
  Candidate candidate(const train::StudentShape& shape);
  std::uint32_t words_for(const train::QuantizeRecipe& form, std::uint32_t layers, const train::BudgetRecipe& budget);
  void add_layers(std::uint32_t layers, const train::BudgetRecipe& budget, std::vector<Candidate>& found);

  const train::Recipe& recipe_;
  const data::LabelSet& labels_;
  const KnownTexts& known_;
  train::SearchState& state_;
  std::vector<std::uint32_t> layer_counts_;  // to try, the most first
  std::map<std::string, Bytes> bytes_;
};

}  // namespace noggin::tool
