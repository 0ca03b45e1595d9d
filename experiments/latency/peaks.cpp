#include "experiments/latency/peaks.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include "experiments/latency/contest.h"
#include "experiments/latency/peak_loops.h"

namespace noggin::latency {
namespace {

constexpr int kBursts = 30;
constexpr double kBurstUs = 1000.0;

// Best rate of `work` per microsecond over bursts of calls, each of which does `work_per_call`.
double best_rate(double work_per_call, const std::function<void()>& call) {
  double best_us = time_block({"", call}, kBurstUs);
  for (int burst = 1; burst < kBursts; ++burst) best_us = std::min(best_us, time_block({"", call}, kBurstUs));
  return work_per_call / best_us;
}

double rate_of(const PeakLoop& loop) {
  constexpr std::size_t kRepeats = 2000;
  return best_rate(loop.work_per_repeat * static_cast<double>(kRepeats), [&] { loop.run(kRepeats); });
}

}  // namespace

std::optional<Peaks> measure_peaks(const std::string& kernel_set) {
  const std::optional<PeakLoops> loops = peak_loops(kernel_set);
  if (!loops) return std::nullopt;
  return Peaks{loops->product_instruction, rate_of(loops->products), rate_of(loops->floats), rate_of(loops->divisions)};
}

double measure_read_speed(std::size_t bytes) {
  const std::vector<std::uint64_t> memory(bytes / sizeof(std::uint64_t), 1);
  volatile std::uint64_t sink = 0;
  return best_rate(static_cast<double>(bytes),
                   [&] { sink = std::accumulate(memory.begin(), memory.end(), std::uint64_t{0}); });
}

}  // namespace noggin::latency
