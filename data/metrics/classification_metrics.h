// Metrics of a classifier's answers: the one home of accuracy, F1 and calibration. Pure functions over rows; a row
// whose gold class is negative has no gold label and is left out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace noggin::data {

struct ClassificationMetrics {
  std::uint64_t rows = 0, in_scope_rows = 0, none_rows = 0;  // with a gold label; whose gold is not none; is none
  double accuracy = 0.0;
  double in_scope_accuracy = 0.0;  // over in-scope rows, answered among all classes
  double none_recall = 0.0;        // fraction of the none rows that were answered with none
  double macro_f1 = 0.0;           // mean over the classes that occur in gold or answers: each counts the same
};

// predicted[i], gold[i]: classes of row i. none_class: -1 when the task has none. No rows: all zero.
ClassificationMetrics classification_metrics(std::span<const std::int32_t> predicted,
                                             std::span<const std::int32_t> gold, std::int32_t none_class);

// The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that occur in gold or answers (Lewis 1995; Sokolova and
// Lapalme 2009). `rows`: which rows count, with repetitions, as a bootstrap draws them.
double macro_f1(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                std::span<const std::uint32_t> rows);

// How a row was answered: the probability of the answer, and whether it was right.
struct Confidence {
  float probability;
  bool right;
};

// Softmax of logits [rows, C] / temperature: the largest probability of each row with a gold label, and whether its
// class is the gold one. temperature > 0.
std::vector<Confidence> confidences(std::span<const float> logits, std::size_t classes,
                                    std::span<const std::int32_t> gold, double temperature = 1.0);

// calibration_error (calibration.h) of answers that are right or wrong.
double expected_calibration_error(std::span<const Confidence> answers);

// The temperature that makes gold labels most probable: minimum of the mean negative log-likelihood of softmax(logits /
// T) over T in [0.05, 20] (Guo et al. 2017). The minimum is unique, because the likelihood is convex in 1/T. 1 for no
// rows with a gold label.
double fit_temperature(std::span<const float> logits, std::size_t classes, std::span<const std::int32_t> gold);

// Mean negative log-likelihood of the gold labels, natural logarithm.
double mean_cross_entropy(std::span<const float> logits, std::size_t classes, std::span<const std::int32_t> gold,
                          double temperature = 1.0);

}  // namespace noggin::data
