// Compares the answers of two models to the same rows: statistics only. Nothing is read, run or timed here.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/shards/example_table.h"
#include "export/compare/comparison.h"
#include "train/task/task_reader.h"

namespace noggin::exporter {

// One model's answers, in the classes of CompareInput::reader.
struct ModelAnswers {
  std::vector<train::Prediction> predictions;  // [N]
  std::vector<float> probabilities;            // [N, C] of multi_label and score; else empty
  // [N] equal for answers that are equal to the last bit: a hash of the logits in these classes, or of the spans.
  std::vector<std::uint64_t> bits;
};

// What slices are made of, besides gold and teacher. Empty vectors: not known.
struct RowFacts {
  std::vector<std::uint32_t> tokens, unknown_words;                      // [N]
  std::vector<std::pair<std::string, std::vector<std::string>>> fields;  // name, [N] value of each row
};

// All of it must outlive the call. Rows may lack gold, teacher, or both.
struct CompareInput {
  const train::TaskReader& reader;  // the task that both answer, with the classes of both
  const data::ExampleTable& rows;   // [N], in these classes
  const ModelAnswers &before, &after;
  const RowFacts& facts;
  std::vector<std::uint32_t> groups{};  // [N] group of each row; empty: each row by itself
  std::string group_field{};
  double margin = 0.01;
  bool same_file = false;
  std::uint64_t seed = 1;  // of the resampling
  std::uint32_t resamples = 2000;
};

// Everything of a Comparison that follows from the answers; the caller adds files, models, latency and labels.
Comparison compare(const CompareInput& input);

}  // namespace noggin::exporter
