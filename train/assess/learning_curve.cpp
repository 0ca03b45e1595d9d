#include "train/assess/learning_curve.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

#include "data/shards/sampler.h"

namespace noggin::assess {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

struct Fit {
  PowerLaw law;
  double squares = kInfinite;  // sum of squared residuals
};

double squares_of(const PowerLaw& law, std::span<const CurvePoint> points) {
  double sum = 0.0;
  for (const CurvePoint& point : points) {
    const double off = point.quality - law.quality(point.rows);
    sum += off * off;
  }
  return sum;
}

double mean_quality(std::span<const CurvePoint> points) {
  double sum = 0.0;
  for (const CurvePoint& point : points) sum += point.quality;
  return sum / static_cast<double>(points.size());
}

// The best a and b for this c: a straight line in x = n^-c, inside of the bounds.
Fit fit_line(std::span<const CurvePoint> points, double c) {
  double mean_x = 0.0;
  const double mean_y = mean_quality(points);
  for (const CurvePoint& point : points) mean_x += std::pow(point.rows, -c) / static_cast<double>(points.size());
  double xx = 0.0, xy = 0.0, square_x = 0.0, below_one = 0.0;
  for (const CurvePoint& point : points) {
    const double x = std::pow(point.rows, -c);
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (point.quality - mean_y);
    square_x += x * x;
    below_one += x * (1.0 - point.quality);
  }
  PowerLaw law{mean_y, 0.0, c};
  if (xx > 0.0 && xy < 0.0) law = {mean_y - xy / xx * mean_x, -xy / xx, c};
  if (law.a > 1.0) law = {1.0, below_one / square_x, c};  // no measure exceeds 1; the best b with a = 1
  return {law, squares_of(law, points)};
}

// The best c between two of the grid, by golden section over log c.
Fit refine(std::span<const CurvePoint> points, double low, double high) {
  constexpr int kSteps = 40;
  const double ratio = 1.0 / std::numbers::phi;
  for (int step = 0; step < kSteps; ++step) {
    const double left = high - ratio * (high - low), right = low + ratio * (high - low);
    if (fit_line(points, std::exp(left)).squares <= fit_line(points, std::exp(right)).squares)
      high = right;
    else
      low = left;
  }
  return fit_line(points, std::exp((low + high) / 2.0));
}

// Quality at each size for some dev rows; pick(size): which of its draws.
std::vector<CurvePoint> points_of(std::span<const MeasuredSize> sizes, std::span<const std::uint32_t> rows,
                                  const std::function<std::size_t(std::size_t)>& pick) {
  std::vector<CurvePoint> points;
  for (std::size_t size = 0; size < sizes.size(); ++size) {
    const std::vector<data::RowScore>& scores = sizes[size].draws[pick(size)];
    data::RowScore sum;
    for (const std::uint32_t row : rows) sum = {sum.right + scores[row].right, sum.of + scores[row].of};
    points.push_back({static_cast<double>(sizes[size].rows), sum.of > 0.0 ? sum.right / sum.of : 0.0});
  }
  return points;
}

// Interval of a figure of the law: the value of the law of means, percentiles of resampled ones.
Interval spread_of(std::span<const MeasuredSize> sizes, const PowerLaw& law, const exporter::BootstrapOptions& options,
                   const std::function<double(const PowerLaw&)>& figure) {
  std::uint64_t call = 0;
  Interval interval =
      exporter::bootstrap_figure(sizes[0].draws[0].size(), options, [&](std::span<const std::uint32_t> rows) {
        const std::uint64_t stream = ++call;
        const auto pick = [&](std::size_t size) {
          return data::random_bits(options.seed + 1, stream, size) % sizes[size].draws.size();
        };
        return figure(fit_power_law(points_of(sizes, rows, pick)));
      });
  interval.value = figure(law);
  return interval;
}

}  // namespace

double PowerLaw::quality(double rows) const { return a - b * std::pow(rows, -c); }

double PowerLaw::rows_for(double target) const {
  if (a <= target && !(b == 0.0 && a == target)) return kInfinite;
  if (b == 0.0) return 1.0;
  return std::max(1.0, std::pow(b / (a - target), 1.0 / c));
}

PowerLaw fit_power_law(std::span<const CurvePoint> points) {
  constexpr int kGrid = 24;
  if (points.size() < 3) return {mean_quality(points), 0.0, 1.0};
  const double low = std::log(PowerLaw::kSlowest), step = (std::log(PowerLaw::kFastest) - low) / kGrid;
  int best = 0;
  double squares = kInfinite;
  for (int i = 0; i <= kGrid; ++i) {
    const Fit fit = fit_line(points, std::exp(low + i * step));
    if (fit.squares >= squares) continue;
    squares = fit.squares;
    best = i;
  }
  return refine(points, low + std::max(best - 1, 0) * step, low + std::min(best + 1, kGrid) * step).law;
}

double MeasuredSize::quality() const {
  double sum = 0.0;
  for (const std::vector<data::RowScore>& scores : draws) sum += data::ratio(scores);
  return draws.empty() ? 0.0 : sum / static_cast<double>(draws.size());
}

Forecast forecast(std::span<const MeasuredSize> sizes, std::span<const double> multiples, std::optional<double> target,
                  const exporter::BootstrapOptions& options) {
  std::vector<CurvePoint> means;
  double largest = 0.0;
  for (const MeasuredSize& size : sizes) {
    means.push_back({static_cast<double>(size.rows), size.quality()});
    largest = std::max(largest, static_cast<double>(size.rows));
  }
  Forecast result;
  result.law = fit_power_law(means);
  for (const double multiple : multiples)
    result.at_more.push_back(spread_of(sizes, result.law, options, [&](const PowerLaw& law) {
      return std::clamp(law.quality(multiple * largest), 0.0, 1.0);
    }));
  if (!target) return result;
  const Interval rows =
      spread_of(sizes, result.law, options, [&](const PowerLaw& law) { return law.rows_for(*target); });
  result.has_target = true;
  result.rows_for_target = rows.value;
  result.fewest = rows.low;
  result.most = rows.high;
  return result;
}

}  // namespace noggin::assess
