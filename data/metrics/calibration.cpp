#include "data/metrics/calibration.h"

#include <algorithm>
#include <cmath>

namespace noggin::data {

std::vector<CalibrationBin> calibration_bins(std::span<const float> probabilities, std::span<const float> outcomes) {
  std::vector<CalibrationBin> bins(kCalibrationBins);
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const auto at = static_cast<std::size_t>(probabilities[i] * static_cast<float>(kCalibrationBins));
    CalibrationBin& bin = bins[std::min(at, kCalibrationBins - 1)];
    ++bin.rows;
    bin.probability += double{probabilities[i]};
    bin.outcome += double{outcomes[i]};
  }
  return bins;
}

double calibration_error(std::span<const float> probabilities, std::span<const float> outcomes) {
  double error = 0.0;
  for (const CalibrationBin& bin : calibration_bins(probabilities, outcomes))
    error += std::abs(bin.outcome - bin.probability);
  return probabilities.empty() ? 0.0 : error / static_cast<double>(probabilities.size());
}

double best_temperature(const std::function<double(double temperature)>& loss) {
  constexpr double kRatio = 0.6180339887498949;
  constexpr int kSteps = 60;
  double low = std::log(0.05), high = std::log(20.0);
  const auto loss_at = [&loss](double log_temperature) { return loss(std::exp(log_temperature)); };
  double inner_low = high - kRatio * (high - low), inner_high = low + kRatio * (high - low);
  double loss_low = loss_at(inner_low), loss_high = loss_at(inner_high);
  for (int step = 0; step < kSteps; ++step) {
    if (loss_low < loss_high) {
      high = inner_high;
      inner_high = inner_low;
      loss_high = loss_low;
      loss_low = loss_at(inner_low = high - kRatio * (high - low));
    } else {
      low = inner_low;
      inner_low = inner_high;
      loss_low = loss_high;
      loss_high = loss_at(inner_high = low + kRatio * (high - low));
    }
  }
  return std::exp((low + high) / 2.0);
}

}  // namespace noggin::data
