// Calibrates a finished model on dev: the temperature of its probabilities, and the one below which it abstains.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "data/shards/example_table.h"
#include "train/recipe/recipe.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

struct Calibration {
  format::TaskContents task;  // with temperature, abstain_below and thresholds
  std::string cascade_text;   // risk, coverage and cost as a table; empty for tasks that do not abstain
  nlohmann::ordered_json cascade_json;
};

// `logits`: the quantized student's for `inputs` = reader.inputs(dev). Nothing is fitted if dev has no gold.
Calibration calibrate(const train::Recipe& recipe, const train::TaskReader& reader, const data::ExampleTable& dev,
                      const train::ModelInputs& inputs, const train::DatasetLogits& logits);

// The part for multi_label and score: task.temperature, and task.thresholds from best_thresholds or
// best_score_threshold (data/metrics/binary_metrics.h).
void calibrate_values(const data::ExampleTable& dev, const train::DatasetLogits& logits, format::TaskContents& task);

}  // namespace noggin::tool
