// The linear model of a recipe, learnt from some rows, and its answers to others: on n-grams of the text, or on each
// word for tasks that answer per token.
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "data/shards/example_table.h"
#include "export/report/statistics.h"
#include "tokenizer/contents.h"
#include "train/baseline/linear_ngram.h"
#include "train/cli/stages.h"
#include "train/recipe/recipe.h"
#include "train/run/progress.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

// What every linear model of a recipe is made with. All must outlive it.
struct LinearSetting {
  const train::Recipe& recipe;
  const format::TaskContents& task;
  const runtime::TokenizerContents& tokenizer;  // per-token tasks
  train::Progress& progress;
};

// Ends the work with a Failure if a signal has come.
void stop_linear_if_told();

// Logits of each text, one pass per text or window.
struct TextLogits {
  train::ModelInputs inputs;
  train::DatasetLogits logits;
  double median_us = 0.0;
};

// logits_of(text) -> [C].
template <typename LogitsOf>
TextLogits logits_of_texts(const data::ExampleTable& rows, const LogitsOf& logits_of) {
  using Clock = std::chrono::steady_clock;
  TextLogits all;
  all.inputs.starts.resize(rows.rows() + 1);
  for (std::size_t row = 0; row < rows.rows(); ++row) all.inputs.row_sequences.push_back(row + 1);
  all.logits = train::DatasetLogits::make(all.inputs, rows.classes, false);
  std::vector<double> microseconds;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    stop_linear_if_told();
    const Clock::time_point start = Clock::now();
    const std::vector<float> logits = logits_of(rows.text_of(row));
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    std::ranges::copy(logits, all.logits.sequence(row).begin());
  }
  all.median_us = exporter::median(std::move(microseconds));
  return all;
}

// Temperature and thresholds from dev. If the model cannot meet the cascade's target, it answers everything: the target
// is meant for the student.
format::TaskContents calibrated(const LinearSetting& setting, const data::ExampleTable& dev, const TextLogits& found);

// What gold counts in a row that has a teacher's answer, too; the teacher counts the rest. As in the student's first
// phase, so that both learn the same.
double gold_share_of(const train::Recipe& recipe);

// For a task that answers per text. max_features: 0: all that training has seen.
train::LinearNgram learn_ngrams(const train::Recipe& recipe, const data::ExampleTable& training,
                                std::uint32_t max_features);

// The model learnt from `training`, with all that training has seen, and its answers to each of the tables. Thresholds
// of tasks that have some are fitted on dev.
std::vector<Predictions> linear_predictions(const LinearSetting& setting, const data::ExampleTable& training,
                                            const data::ExampleTable& dev,
                                            const std::vector<const data::ExampleTable*>& tables);

}  // namespace noggin::tool
