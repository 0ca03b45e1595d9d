// What verify keeps of one target: counts, scores, a hash, and the answers that differ; never its logits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "data/metrics/row_score.h"
#include "train/task/task_reader.h"

namespace noggin::exporter {

struct PredictionChange {
  std::string id, text;
  std::string expected, got;  // answers of the trainer (of the first target if there is no trainer) and of this target
  std::size_t row = 0;
  train::Prediction answer{};  // `got`
};

struct TargetReport {
  std::string name;  // "reference", "avx2", ..., "cuda", "vulkan", "onnxruntime"
  bool ran = false;
  std::string why_not;                     // why it did not run
  std::vector<std::string> misstatements;  // what its file states otherwise than the model (Target)
  std::uint64_t rows = 0;
  double primary_metric = 0.0;                 // VerifyReport::primary_metric_name, over rows with gold
  data::ClassificationMetrics classification;  // single_label only
  std::uint64_t prediction_changes = 0;        // rows whose answer, abstaining included, differs from the trainer's
  std::uint64_t differing_bits_rows = 0;
  std::optional<std::size_t> first_differing_row;
  std::uint64_t logits_hash = 0;  // XXH3-64 of the logits of all rows, in order
  double max_abs_logit_diff = 0.0;
  std::string first_differing_layer;  // a step of engine/trace.h, empty when nothing differs (or onnxruntime)
  std::vector<PredictionChange> changed_predictions;  // all of them, in the order of rows
  std::vector<data::RowScore> scores;                 // per row
  double median_microseconds =
      0.0;  // per text, token ids to logits; one thread, on a GPU in batches (cuda_target.h, vulkan_target.h)
};

// The target's answer to each row. `expected`: the answers that it was compared with.
std::vector<train::Prediction> answers_of(const TargetReport& target, std::vector<train::Prediction> expected);

}  // namespace noggin::exporter
