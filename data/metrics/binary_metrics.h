// Metrics of independent probabilities: several labels at once (multi_label) and numbers in [0, 1] (score). The one
// home of these figures. Pure functions over rows; matrices are [rows, C]; a row without gold (has_gold[i] negative, as
// in ExampleTable::label) is left out. A class is answered, or gold, where its value is at least its threshold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/metrics/span_metrics.h"

namespace noggin::data {

inline constexpr float kGoldThreshold = 0.5F;  // multi_label: a class is gold from here

// Counts one row's answered classes (each once), gold classes, and both. gold: [C]. Their sums give micro F1, so a
// bootstrap can draw rows.
SpanCounts count_labels(std::span<const std::int32_t> answered, std::span<const float> gold);

// For each class the threshold with the largest F1 on these rows; on ties the nearest to 0.5. Thresholds are half-way
// between neighbouring probabilities. A class without a gold row gets 0.5. [C]
std::vector<float> best_thresholds(std::span<const float> probabilities, std::span<const float> gold,
                                   std::span<const std::int32_t> has_gold, std::size_t classes);

// The threshold that classifies most rows as gold_yes does; on ties the nearest to 0.5. Half-way between neighbouring
// predictions, as in best_thresholds. Nothing if no row has gold.
std::optional<float> best_score_threshold(std::span<const float> predictions, std::span<const char> gold_yes,
                                          std::span<const std::int32_t> has_gold);

// Mean over rows and classes of -g log s(z / T) - (1 - g) log(1 - s(z / T)), s the sigmoid, natural logarithm.
double mean_binary_cross_entropy(std::span<const float> logits, std::span<const float> gold,
                                 std::span<const std::int32_t> has_gold, std::size_t classes, double temperature = 1.0);

// The temperature in [0.05, 20] that minimizes it. The minimum is unique: the loss is convex in 1/T. 1 without gold.
double fit_sigmoid_temperature(std::span<const float> logits, std::span<const float> gold,
                               std::span<const std::int32_t> has_gold, std::size_t classes);

}  // namespace noggin::data
