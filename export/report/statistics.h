// Confidence of a measured accuracy: percentile bootstrap intervals (Efron, Tibshirani 1993, chapter 13). Pure
// functions; the same arguments give the same numbers on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "data/metrics/row_score.h"

namespace noggin::exporter {

struct Interval {
  double value = 0.0;  // measured on all rows
  double low = 0.0, high = 0.0;
  bool operator==(const Interval&) const = default;
};

struct BootstrapOptions {
  std::uint64_t seed = 1;
  std::uint32_t resamples = 2000;
  double level = 0.95;                      // two-sided
  std::span<const std::uint32_t> clusters;  // cluster of each row (a template, a document), resampled together; empty:
                                            // every row is its own
};

// For a metric that is a ratio of sums over rows (data/metrics/row_score.h): accuracy, F1, exact match. {0, 0, 0} for
// no rows. A sample without a single error has an interval of width 0: the bootstrap cannot see what was never drawn.
Interval bootstrap_ratio(std::span<const data::RowScore> rows, const BootstrapOptions& options);

// ratio(reference) - ratio(target) over the same rows, resampled in pairs. A non-inferiority gate compares `high` with
// its margin.
Interval bootstrap_drop(std::span<const data::RowScore> reference, std::span<const data::RowScore> target,
                        const BootstrapOptions& options);

// data::macro_f1 and data::expected_calibration_error of resampled rows; the latter's clusters index the rows with a
// gold label. At most 500 resamples: each costs a pass over all rows.
Interval bootstrap_macro_f1(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                            const BootstrapOptions& options);
Interval bootstrap_calibration_error(std::span<const data::Confidence> answers, const BootstrapOptions& options);

// Any metric of resampled rows: figure(rows drawn, with repetitions). Also at most 500 resamples.
Interval bootstrap_figure(std::size_t rows, const BootstrapOptions& options,
                          const std::function<double(std::span<const std::uint32_t> drawn)>& figure);

// The median; the upper of two middle values; 0 for none.
double median(std::vector<double> values);

// {1 or 0, 1} for each row with a gold class.
std::vector<data::RowScore> accuracy_scores(std::span<const std::int32_t> predicted,
                                            std::span<const std::int32_t> gold);

}  // namespace noggin::exporter
