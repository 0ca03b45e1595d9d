#include "export/report/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/sampler.h"

namespace noggin::exporter {
namespace {

// Rows that are drawn together: their values' sum and their number.
struct Cluster {
  std::int64_t sum = 0;
  std::uint64_t rows = 0;
};

std::vector<Cluster> group(std::span<const std::int8_t> values, std::span<const std::uint32_t> cluster_of) {
  std::vector<Cluster> clusters;
  std::map<std::uint32_t, std::size_t> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t at = clusters.size();
    if (!cluster_of.empty()) at = seen.try_emplace(cluster_of[i], at).first->second;
    if (at == clusters.size()) clusters.emplace_back();
    clusters[at].sum += values[i];
    ++clusters[at].rows;
  }
  return clusters;
}

double mean(const Cluster& total) { return static_cast<double>(total.sum) / static_cast<double>(total.rows); }

// The mean over as many clusters as there are, drawn with replacement.
double resampled_mean(const std::vector<Cluster>& clusters, std::uint64_t seed, std::uint64_t resample) {
  Cluster total;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const std::uint64_t bits = data::random_bits(seed, resample, i) >> 32U;
    const Cluster& drawn = clusters[(bits * clusters.size()) >> 32U];
    total.sum += drawn.sum;
    total.rows += drawn.rows;
  }
  return mean(total);
}

// The smallest sorted value that at least `share` of all values do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size())) - 1.0;
  return sorted[static_cast<std::size_t>(std::clamp(rank, 0.0, static_cast<double>(sorted.size() - 1)))];
}

Interval bootstrap_mean(std::span<const std::int8_t> values, const BootstrapOptions& options) {
  const std::vector<Cluster> clusters = group(values, options.clusters);
  if (clusters.empty()) return {};
  Cluster all;
  for (const Cluster& cluster : clusters) all = {all.sum + cluster.sum, all.rows + cluster.rows};
  std::vector<double> means(std::max(1U, options.resamples));
  for (std::size_t i = 0; i < means.size(); ++i) means[i] = resampled_mean(clusters, options.seed, i);
  std::sort(means.begin(), means.end());
  const double tail = (1.0 - options.level) / 2.0;
  return {mean(all), percentile(means, tail), percentile(means, 1.0 - tail)};
}

// `measure` of the rows of as many clusters as there are, drawn with replacement; all rows for the value itself.
template <typename Measure>
Interval bootstrap_rows(std::size_t rows, const BootstrapOptions& options, const Measure& measure) {
  constexpr std::uint32_t kMostResamples = 500;
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
  const double value = measure(drawn);
  std::vector<double> values(std::clamp(options.resamples, 1U, kMostResamples));
  for (std::size_t resample = 0; resample < values.size(); ++resample) {
    drawn.clear();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const std::uint64_t bits = data::random_bits(options.seed, resample, i) >> 32U;
      const auto& cluster = clusters[(bits * clusters.size()) >> 32U];
      drawn.insert(drawn.end(), cluster.begin(), cluster.end());
    }
    values[resample] = measure(drawn);
  }
  std::sort(values.begin(), values.end());
  const double tail = (1.0 - options.level) / 2.0;
  return {value, percentile(values, tail), percentile(values, 1.0 - tail)};
}

}  // namespace

Interval bootstrap_macro_f1(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold,
                            const BootstrapOptions& options) {
  return bootstrap_rows(gold.size(), options, [&](const std::vector<std::uint32_t>& rows) {
    return data::macro_f1(predicted, gold, rows);
  });
}

Interval bootstrap_calibration_error(std::span<const data::Confidence> answers, const BootstrapOptions& options) {
  std::vector<data::Confidence> drawn;
  return bootstrap_rows(answers.size(), options, [&](const std::vector<std::uint32_t>& rows) {
    drawn.clear();
    for (const std::uint32_t row : rows) drawn.push_back(answers[row]);
    return data::expected_calibration_error(drawn);
  });
}

Interval bootstrap_accuracy(std::span<const std::uint8_t> correct, const BootstrapOptions& options) {
  std::vector<std::int8_t> values(correct.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = correct[i] != 0 ? 1 : 0;
  return bootstrap_mean(values, options);
}

Interval bootstrap_drop(std::span<const std::uint8_t> reference_correct, std::span<const std::uint8_t> target_correct,
                        const BootstrapOptions& options) {
  std::vector<std::int8_t> values(std::min(reference_correct.size(), target_correct.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::int8_t>((reference_correct[i] != 0 ? 1 : 0) - (target_correct[i] != 0 ? 1 : 0));
  }
  return bootstrap_mean(values, options);
}

std::vector<std::uint8_t> correct_rows(std::span<const std::int32_t> predicted, std::span<const std::int32_t> gold) {
  std::vector<std::uint8_t> correct(std::min(predicted.size(), gold.size()));
  for (std::size_t i = 0; i < correct.size(); ++i) correct[i] = predicted[i] == gold[i] ? 1 : 0;
  return correct;
}

}  // namespace noggin::exporter
