#include "train/search/halving.h"

#include <algorithm>

namespace noggin::train {
namespace {

constexpr std::size_t kFinalists = 2;
constexpr Rung kQuarterRung{0.25, 0, "a quarter of the steps"}, kHalfRung{0.5, 0, "half of the steps"},
    kWholeRung{1.0, 0, "all steps"};

Rung of(Rung rung, std::size_t trials) {
  rung.trials = trials;
  return rung;
}

bool is_better(const Standing& a, const Standing& b) {
  return a.quality != b.quality ? a.quality > b.quality : a.bytes < b.bytes;
}

}  // namespace

std::vector<Rung> rungs_of(std::size_t candidates) {
  if (candidates <= kFinalists) return {of(kWholeRung, candidates)};
  if (candidates <= 2 * kFinalists) return {of(kHalfRung, candidates), of(kWholeRung, kFinalists)};
  return {of(kQuarterRung, candidates), of(kHalfRung, (candidates + 1) / 2), of(kWholeRung, kFinalists)};
}

std::vector<std::string> ranked(std::vector<Standing> standings, const Goal& goal) {
  const auto reaches = [&](const Standing& one) {
    return goal.least_quality > 0.0 && one.quality >= goal.least_quality;
  };
  std::ranges::stable_sort(standings, [&](const Standing& a, const Standing& b) {
    if (reaches(a) != reaches(b)) return reaches(a);
    if (reaches(a) && a.bytes != b.bytes) return a.bytes < b.bytes;
    return is_better(a, b);
  });
  std::vector<std::string> names;
  for (Standing& one : standings) names.push_back(std::move(one.name));
  return names;
}

std::size_t smallest_equal(std::span<const Standing> standings, std::span<const std::vector<data::RowScore>> scores,
                           const exporter::BootstrapOptions& bootstrap) {
  const auto best = static_cast<std::size_t>(std::ranges::min_element(standings, is_better) - standings.begin());
  std::size_t winner = best;
  for (std::size_t i = 0; i < standings.size(); ++i) {
    if (standings[i].bytes >= standings[winner].bytes) continue;
    if (exporter::bootstrap_drop(scores[best], scores[i], bootstrap).low <= 0.0) winner = i;
  }
  return winner;
}

}  // namespace noggin::train
