#include "data/metrics/binary_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "data/metrics/calibration.h"
#include "data/metrics/fraction.h"

namespace noggin::data {
namespace {

// A prediction, and whether gold is positive.
using CutRows = std::vector<std::pair<float, bool>>;

// The cut with the largest worth(counts) among those with a row above; on ties the nearest to 0.5. 0.5 without rows.
template <typename Worth>
float best_cut(CutRows& rows, const Worth& worth) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  SpanCounts counts;
  for (const auto& row : rows) counts.expected += row.second ? 1 : 0;
  float best = 0.5F;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ++counts.found;
    counts.right += rows[i].second ? 1 : 0;
    const bool last = i + 1 == rows.size();
    if (!last && rows[i + 1].first == rows[i].first) continue;
    // Half-way can round to the lower neighbour, which must stay below.
    const float next = last ? 0.0F : rows[i + 1].first, middle = next + (rows[i].first - next) / 2.0F;
    const float cut = middle > next ? middle : rows[i].first;
    const double now = worth(counts);
    if (now > highest || (now == highest && std::abs(cut - 0.5F) < std::abs(best - 0.5F))) {
      best = cut;
      highest = now;
    }
  }
  return best;
}

}  // namespace

SpanCounts count_labels(std::span<const std::int32_t> answered, std::span<const float> gold) {
  SpanCounts counts{answered.size(), 0, 0};
  for (const float value : gold) counts.expected += value >= kGoldThreshold ? 1 : 0;
  for (const std::int32_t c : answered) counts.right += gold[static_cast<std::size_t>(c)] >= kGoldThreshold ? 1 : 0;
  return counts;
}

std::vector<float> best_thresholds(std::span<const float> probabilities, std::span<const float> gold,
                                   std::span<const std::int32_t> has_gold, std::size_t classes) {
  std::vector<float> thresholds;
  for (std::size_t c = 0; c < classes; ++c) {
    CutRows rows;
    for (std::size_t row = 0; row < has_gold.size(); ++row) {
      const std::size_t at = row * classes + c;
      if (has_gold[row] < 0) continue;
      rows.emplace_back(probabilities[at], gold[at] >= kGoldThreshold);
    }
    const bool any = std::ranges::any_of(rows, &CutRows::value_type::second);
    thresholds.push_back(any ? best_cut(rows, [](const SpanCounts& counts) { return counts.f1(); }) : 0.5F);
  }
  return thresholds;
}

std::optional<float> best_score_threshold(std::span<const float> predictions, std::span<const char> gold_yes,
                                          std::span<const std::int32_t> has_gold) {
  CutRows rows;
  for (std::size_t row = 0; row < has_gold.size(); ++row) {
    if (has_gold[row] >= 0) rows.emplace_back(predictions[row], gold_yes[row] != 0);
  }
  if (rows.empty()) return std::nullopt;
  // Right decisions, up to a constant: true positives minus false positives.
  return best_cut(rows, [](const SpanCounts& counts) {
    return 2.0 * static_cast<double>(counts.right) - static_cast<double>(counts.found);
  });
}

double mean_binary_cross_entropy(std::span<const float> logits, std::span<const float> gold,
                                 std::span<const std::int32_t> has_gold, std::size_t classes, double temperature) {
  double sum = 0.0;
  std::uint64_t count = 0;
  for (std::size_t row = 0; row < has_gold.size(); ++row) {
    if (has_gold[row] < 0) continue;
    for (std::size_t at = row * classes; at < (row + 1) * classes; ++at) {
      // log(1 + e^z) - g z, written so that the exponent is never positive.
      const double z = double{logits[at]} / temperature;
      sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - double{gold[at]} * z;
      ++count;
    }
  }
  return fraction(sum, count);
}

double fit_sigmoid_temperature(std::span<const float> logits, std::span<const float> gold,
                               std::span<const std::int32_t> has_gold, std::size_t classes) {
  if (std::none_of(has_gold.begin(), has_gold.end(), [](std::int32_t label) { return label >= 0; })) return 1.0;
  return best_temperature(
      [&](double temperature) { return mean_binary_cross_entropy(logits, gold, has_gold, classes, temperature); });
}

}  // namespace noggin::data
