#include "export/report/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/shards/sampler.h"

namespace noggin::exporter {
namespace {

// Rows that are drawn together: the sums of their scores, for up to two models.
struct Cluster {
  data::RowScore reference, target;
};

data::RowScore plus(const data::RowScore& a, const data::RowScore& b) { return {a.right + b.right, a.of + b.of}; }
Cluster plus(const Cluster& a, const Cluster& b) { return {plus(a.reference, b.reference), plus(a.target, b.target)}; }

double ratio(const data::RowScore& sum) { return sum.of > 0.0 ? sum.right / sum.of : 0.0; }

// reference(i), target(i) for i < rows, grouped.
std::vector<Cluster> group(std::span<const data::RowScore> reference, std::span<const data::RowScore> target,
                           std::span<const std::uint32_t> cluster_of) {
  std::vector<Cluster> clusters;
  std::map<std::uint32_t, std::size_t> seen;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    std::size_t at = clusters.size();
    if (!cluster_of.empty()) at = seen.try_emplace(cluster_of[i], at).first->second;
    if (at == clusters.size()) clusters.emplace_back();
    clusters[at] = plus(clusters[at], {reference[i], target.empty() ? data::RowScore{} : target[i]});
  }
  return clusters;
}

// Sums over the full number of clusters, drawn with replacement.
Cluster resampled(const std::vector<Cluster>& clusters, std::uint64_t seed, std::uint64_t resample) {
  Cluster total;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const std::uint64_t bits = data::random_bits(seed, resample, i) >> 32U;
    total = plus(total, clusters[(bits * clusters.size()) >> 32U]);
  }
  return total;
}

// The smallest sorted value that at least the fraction `fraction` of all values does not exceed.
double percentile(const std::vector<double>& sorted, double fraction) {
  const double rank = std::ceil(fraction * static_cast<double>(sorted.size())) - 1.0;
  return sorted[static_cast<std::size_t>(std::clamp(rank, 0.0, static_cast<double>(sorted.size() - 1)))];
}

template <typename Figure>
Interval bootstrap_clusters(const std::vector<Cluster>& clusters, const BootstrapOptions& options,
                            const Figure& figure) {
  if (clusters.empty()) return {};
  Cluster all;
  for (const Cluster& cluster : clusters) all = plus(all, cluster);
  std::vector<double> figures(std::max(1U, options.resamples));
  for (std::size_t i = 0; i < figures.size(); ++i) figures[i] = figure(resampled(clusters, options.seed, i));
  std::sort(figures.begin(), figures.end());
  const double tail = (1.0 - options.level) / 2.0;
  return {figure(all), percentile(figures, tail), percentile(figures, 1.0 - tail)};
}

}  // namespace

// `figure` over the rows of the full number of clusters, drawn with replacement; over all rows for the value itself.
Interval bootstrap_figure(std::size_t rows, const BootstrapOptions& options,
                          const std::function<double(std::span<const std::uint32_t>)>& figure) {
  constexpr std::uint32_t kMaxResamples = 500;
  std::vector<std::vector<std::uint32_t>> clusters;
  std::map<std::uint32_t, std::size_t> seen;
  std::vector<std::uint32_t> drawn;
  for (std::uint32_t i = 0; i < rows; ++i) {
    std::size_t at = clusters.size();
    if (!options.clusters.empty()) at = seen.try_emplace(options.clusters[i], at).first->second;
    if (at == clusters.size()) clusters.emplace_back();
    clusters[at].push_back(i);
    drawn.push_back(i);
  }
  if (rows == 0) return {};
  const double value = figure(drawn);
  std::vector<double> values(std::clamp(options.resamples, 1U, kMaxResamples));
  for (std::size_t resample = 0; resample < values.size(); ++resample) {
    drawn.clear();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const std::uint64_t bits = data::random_bits(options.seed, resample, i) >> 32U;
      const auto& cluster = clusters[(bits * clusters.size()) >> 32U];
      drawn.insert(drawn.end(), cluster.begin(), cluster.end());
    }
    values[resample] = figure(drawn);
  }
  std::sort(values.begin(), values.end());
  const double tail = (1.0 - options.level) / 2.0;
  return {value, percentile(values, tail), percentile(values, 1.0 - tail)};
}

Interval bootstrap_macro_f1(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                            const BootstrapOptions& options) {
  return bootstrap_figure(gold.size(), options,
                          [&](std::span<const std::uint32_t> rows) { return data::macro_f1(predicted, gold, rows); });
}

Interval bootstrap_calibration_error(std::span<const data::Confidence> answers, const BootstrapOptions& options) {
  std::vector<data::Confidence> drawn;
  return bootstrap_figure(answers.size(), options, [&](std::span<const std::uint32_t> rows) {
    drawn.clear();
    for (const std::uint32_t row : rows) drawn.push_back(answers[row]);
    return data::expected_calibration_error(drawn);
  });
}

Interval bootstrap_ratio(std::span<const data::RowScore> rows, const BootstrapOptions& options) {
  return bootstrap_clusters(group(rows, {}, options.clusters), options,
                            [](const Cluster& sum) { return ratio(sum.reference); });
}

Interval bootstrap_drop(std::span<const data::RowScore> reference, std::span<const data::RowScore> target,
                        const BootstrapOptions& options) {
  const std::size_t rows = std::min(reference.size(), target.size());
  return bootstrap_clusters(group(reference.first(rows), target.first(rows), options.clusters), options,
                            [](const Cluster& sum) { return ratio(sum.reference) - ratio(sum.target); });
}

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<data::RowScore> accuracy_scores(std::span<const std::int32_t> predicted,
                                            std::span<const std::int32_t> gold) {
  std::vector<data::RowScore> scores(std::min(predicted.size(), gold.size()));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (gold[i] >= 0) scores[i] = {predicted[i] == gold[i] ? 1.0 : 0.0, 1.0};
  }
  return scores;
}

}  // namespace noggin::exporter
