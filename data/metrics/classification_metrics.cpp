#include "data/metrics/classification_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "data/metrics/calibration.h"
#include "data/metrics/fraction.h"

namespace noggin::data {
namespace {

std::span<const float> row_of(std::span<const float> logits, std::size_t classes, std::size_t row) {
  return logits.subspan(row * classes, classes);
}

// log sum exp(logits / T), in doubles, shifted by the largest.
double log_sum_exp(std::span<const float> logits, double temperature) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp((double{logit} - largest) / temperature);
  return largest / temperature + std::log(sum);
}

}  // namespace

double macro_f1(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                std::span<const std::uint32_t> rows) {
  struct Counts {
    std::uint64_t right = 0, gold = 0, predicted = 0;
  };
  std::unordered_map<std::int32_t, Counts> classes;
  for (const std::uint32_t row : rows) {
    if (gold[row] < 0) continue;
    ++classes[gold[row]].gold;
    ++classes[predicted[row]].predicted;
    if (predicted[row] == gold[row]) ++classes[gold[row]].right;
  }
  std::vector<double> f1;  // sorted before adding: a hash map's order must not affect the sum
  for (const auto& [name, counts] : classes) {
    f1.push_back(2.0 * static_cast<double>(counts.right) / static_cast<double>(counts.gold + counts.predicted));
  }
  std::sort(f1.begin(), f1.end());
  return fraction(std::accumulate(f1.begin(), f1.end(), 0.0), f1.size());
}

ClassificationMetrics classification_metrics(std::span<const std::int32_t> predicted,
                                             std::span<const std::int32_t> gold, std::int32_t none_class) {
  ClassificationMetrics metrics;
  std::uint64_t right_in_scope = 0, right_none = 0;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (gold[i] < 0) continue;
    const bool none = gold[i] == none_class, right = predicted[i] == gold[i];
    ++metrics.rows;
    ++(none ? metrics.none_rows : metrics.in_scope_rows);
    (none ? right_none : right_in_scope) += right ? 1 : 0;
  }
  metrics.accuracy = fraction(static_cast<double>(right_in_scope + right_none), metrics.rows);
  metrics.in_scope_accuracy = fraction(static_cast<double>(right_in_scope), metrics.in_scope_rows);
  metrics.none_recall = fraction(static_cast<double>(right_none), metrics.none_rows);
  std::vector<std::uint32_t> all(gold.size());
  std::iota(all.begin(), all.end(), 0U);
  metrics.macro_f1 = macro_f1(predicted, gold, all);
  return metrics;
}

std::vector<Confidence> confidences(std::span<const float> logits, std::size_t classes,
                                    std::span<const std::int32_t> gold, double temperature) {
  std::vector<Confidence> answers;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (gold[i] < 0) continue;
    const std::span<const float> row = row_of(logits, classes, i);
    const auto best = std::max_element(row.begin(), row.end());
    answers.push_back({static_cast<float>(std::exp(double{*best} / temperature - log_sum_exp(row, temperature))),
                       best - row.begin() == gold[i]});
  }
  return answers;
}

double expected_calibration_error(std::span<const Confidence> answers) {
  std::vector<float> probabilities, outcomes;
  for (const Confidence& answer : answers) {
    probabilities.push_back(answer.probability);
    outcomes.push_back(answer.right ? 1.0F : 0.0F);
  }
  return calibration_error(probabilities, outcomes);
}

double mean_cross_entropy(std::span<const float> logits, std::size_t classes, std::span<const std::int32_t> gold,
                          double temperature) {
  double sum = 0.0;
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    if (gold[i] < 0) continue;
    const std::span<const float> row = row_of(logits, classes, i);
    sum += log_sum_exp(row, temperature) - double{row[static_cast<std::size_t>(gold[i])]} / temperature;
    ++rows;
  }
  return fraction(sum, rows);
}

double fit_temperature(std::span<const float> logits, std::size_t classes, std::span<const std::int32_t> gold) {
  if (std::none_of(gold.begin(), gold.end(), [](std::int32_t label) { return label >= 0; })) return 1.0;
  return best_temperature([&](double temperature) { return mean_cross_entropy(logits, classes, gold, temperature); });
}

}  // namespace noggin::data
