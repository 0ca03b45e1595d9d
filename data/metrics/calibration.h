// How far stated probabilities are from outcomes, for any task: what the metrics of classes
// (classification_metrics.h) and of numbers (binary_metrics.h) share.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace noggin::data {

// Expected calibration error: rows in 15 bins of equal width by probability; the mean over rows of |mean outcome of its
// bin - mean probability of its bin| (Naeini et al. 2015; Guo et al. 2017). Outcomes in [0, 1]: right or wrong, or a
// soft gold value. 0 for no rows.
inline constexpr std::size_t kCalibrationBins = 15;
double calibration_error(std::span<const float> probabilities, std::span<const float> outcomes);

// The T in [0.05, 20] with the smallest loss(T), which must have one minimum over log T: golden-section search.
double best_temperature(const std::function<double(double temperature)>& loss);

}  // namespace noggin::data
