// How well the probabilities of a sigmoid task fit gold: what multi_label and score have in common.
#pragma once

#include <span>
#include <vector>

#include "data/shards/example_table.h"
#include "export/report/statistics.h"
#include "format/frozen_model.h"
#include "train/task/figures.h"
#include "train/task/model_inputs.h"
#include "train/task/stated_figures.h"

namespace noggin::train {

// Adds the probabilities of logits.values, [rows, C].
void add_stated_probabilities(const format::TaskContents& task, const DatasetLogits& logits, StatedFigures& stated);

// Probability and gold of every class of the rows that have gold.
class StatedProbability {
 public:
  StatedProbability(const data::ExampleTable& rows, const StatedFigures& stated);
  std::span<const float> stated() const { return stated_; }  // [n]
  std::span<const float> gold() const { return gold_; }      // [n]
  // Calibration error and mean absolute error.
  FigureTable table(const exporter::BootstrapOptions& options) const;

 private:
  std::vector<float> stated_, gold_;
};

}  // namespace noggin::train
