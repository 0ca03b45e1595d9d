// How a small model's quality grows with the training rows, and what more rows would give: an inverse power law
//   quality(n) = a - b n^-c,   0 <= a <= 1, b >= 0, kSlowest <= c <= kFastest
// fitted by least squares (the form of Figueroa et al. 2012, "Predicting sample size required for classification
// performance"; also Hestness et al. 2017). a is what endless rows of the same kind would give this kind of model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/metrics/row_score.h"
#include "export/report/statistics.h"

namespace noggin::assess {

using exporter::Interval;

struct CurvePoint {
  double rows = 0.0;     // n > 0
  double quality = 0.0;  // in [0, 1]
};

struct PowerLaw {
  static constexpr double kSlowest = 0.05, kFastest = 2.0;
  double a = 0.0, b = 0.0, c = 1.0;

  double quality(double rows) const;
  // The rows at which `target` is reached; infinite if a does not reach it, 1 if any row does.
  double rows_for(double target) const;
};

// For a given c the best a and b are those of a straight line; c is searched by golden section from the best of a grid.
// With fewer than 3 sizes, or points that do not grow, b is 0. At least one point.
PowerLaw fit_power_law(std::span<const CurvePoint> points);

// One size of the curve: models that learnt from as many rows, each from other ones.
struct MeasuredSize {
  std::uint64_t rows = 0;
  std::vector<std::vector<data::RowScore>> draws;  // [draws][dev rows], the same dev rows in each

  double quality() const;  // the mean over draws of the ratio over all dev rows
};

struct Forecast {
  PowerLaw law;                     // of the means of the draws
  std::vector<Interval> at_more;    // quality at each multiple of the largest size
  double rows_for_target = 0.0;     // infinite: not reached
  double fewest = 0.0, most = 0.0;  // its interval; ends may be infinite
  bool has_target = false;
};

// Intervals: percentiles of a bootstrap that resamples the dev rows, the same for all sizes, and takes one of the draws
// at each size by chance. They hold what sampling does to the curve, not that the curve could bend another way: the
// law itself is an assumption. sizes: not empty, each with a draw.
Forecast forecast(std::span<const MeasuredSize> sizes, std::span<const double> multiples, std::optional<double> target,
                  const exporter::BootstrapOptions& options);

}  // namespace noggin::assess
