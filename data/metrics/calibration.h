// How far stated probabilities are from outcomes, for any task: what the metrics of classes
// (classification_metrics.h) and of numbers (binary_metrics.h) share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace noggin::data {

// Rows in bins of equal width by probability, as a reliability diagram shows them. Outcomes in [0, 1]: right or wrong,
// or a soft gold value.
inline constexpr std::size_t kCalibrationBins = 15;
struct CalibrationBin {
  std::uint64_t rows = 0;
  double probability = 0.0, outcome = 0.0;  // sums over its rows
};
std::vector<CalibrationBin> calibration_bins(std::span<const float> probabilities, std::span<const float> outcomes);

// Expected calibration error: the mean over rows of |mean outcome of its bin - mean probability of its bin| (Naeini et
// al. 2015; Guo et al. 2017). 0 for no rows.
double calibration_error(std::span<const float> probabilities, std::span<const float> outcomes);

// The T in [0.05, 20] with the smallest loss(T), which must have one minimum over log T: golden-section search.
double best_temperature(const std::function<double(double temperature)>& loss);

}  // namespace noggin::data
