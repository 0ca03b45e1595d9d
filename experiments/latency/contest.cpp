#include "experiments/latency/contest.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace noggin::latency {
namespace {

constexpr double kBlockUs = 2000.0;

double now_us(Clock clock) {
  timespec time = {};
  clock_gettime(clock == Clock::kWall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

double time_calls(const Contestant& contestant, std::size_t calls, Clock clock) {
  const double start = now_us(clock);
  for (std::size_t i = 0; i < calls; ++i) contestant.run();
  return (now_us(clock) - start) / static_cast<double>(calls);
}

}  // namespace

double time_block(const Contestant& contestant, double block_us, Clock clock) {
  const double first = time_calls(contestant, 1, clock);
  if (first * 2.0 > block_us) return first;
  return time_calls(contestant, std::max<std::size_t>(1, static_cast<std::size_t>(block_us / first)), clock);
}

std::vector<std::vector<double>> time_rounds(std::span<const Contestant> contestants, double seconds,
                                             std::size_t least_rounds, Clock clock) {
  std::vector<std::vector<double>> times(contestants.size());
  const double end = now_us(Clock::kWall) + seconds * 1e6;
  for (std::size_t round = 0; round < least_rounds || now_us(Clock::kWall) < end; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const std::size_t turn = (i + round) % contestants.size();  // nobody always follows the same one
      times[turn].push_back(time_block(contestants[turn], kBlockUs, clock));
    }
  }
  return times;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
}

double tenth(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 10);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Ratio ratio_of(std::span<const double> numerators, std::span<const double> denominators) {
  const std::size_t n = std::min(numerators.size(), denominators.size());
  if (n == 0) return {};
  std::vector<double> ratios(n);
  for (std::size_t i = 0; i < n; ++i) ratios[i] = numerators[i] / denominators[i];
  std::sort(ratios.begin(), ratios.end());
  Ratio ratio;
  ratio.median = median(ratios);
  ratio.of_medians =
      median({numerators.begin(), numerators.end()}) / median({denominators.begin(), denominators.end()});
  // The rank of the median among n values is binomial (n, 1/2); its normal approximation.
  const double half_width = 0.98 * std::sqrt(static_cast<double>(n));
  const double last = static_cast<double>(n - 1);
  ratio.low = ratios[static_cast<std::size_t>(std::max(0.0, std::floor(last / 2.0 - half_width)))];
  ratio.high = ratios[static_cast<std::size_t>(std::min(last, std::ceil(last / 2.0 + half_width)))];
  return ratio;
}

std::vector<double> look(std::span<const Contestant> contestants) {
  constexpr double kHopeless = 1.6;  // times the fastest so far: more than a disturbed moment costs
  constexpr int kPasses = 4;
  std::vector<double> times(contestants.size());
  double fastest = std::numeric_limits<double>::infinity();
  for (int pass = 0; pass < kPasses; ++pass) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      if (pass > 0 && times[i] > fastest * kHopeless) continue;
      const double time = time_block(contestants[i], kBlockUs / 2.0);
      times[i] = pass == 0 ? time : std::min(times[i], time);
      fastest = std::min(fastest, times[i]);
    }
  }
  return times;
}

std::vector<std::size_t> fastest_first(std::span<const double> times) {
  std::vector<std::size_t> order(times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  return order;
}

}  // namespace noggin::latency
