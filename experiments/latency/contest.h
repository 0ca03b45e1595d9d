// Timing of contestants in turns on a machine that others use too. All times in microseconds.
//
// The clock is the processor time of the whole process, which stands still while another program has the core; one
// thread computes on either side, so it is also the time that a quiet machine would take. (Scaling over threads needs
// the wall clock, and a quiet machine.) What drifts slowly, such as the clock rate, meets all contestants of a round.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace noggin::latency {

struct Contestant {
  std::string name;
  std::function<void()> run;  // answers the same texts each time
};

enum class Clock { kProcessor, kWall };

// Mean time of one call, from a block of calls that takes about `block_us`, at least one. A first call, which finds its
// memory in the caches of the others, is not counted when the block has room for more.
double time_block(const Contestant& contestant, double block_us, Clock clock = Clock::kProcessor);

// times[c][r]: contestant c in round r. Rounds until `seconds` of wall time have passed, at least
// `least_rounds`.
std::vector<std::vector<double>> time_rounds(std::span<const Contestant> contestants, double seconds,
                                             std::size_t least_rounds, Clock clock = Clock::kProcessor);

double median(std::vector<double> values);  // 0 for none
// What a quiet moment takes: a tenth of the times lie below. 0 for none.
double tenth(std::vector<double> values);

// denominators and numerators pairwise, one pair a round.
struct Ratio {
  double median = 0.0;  // of the ratios of single rounds
  double of_medians = 0.0;
  double low = 0.0, high = 0.0;  // 95 % interval of `median` from order statistics: no assumption about the noise
};
Ratio ratio_of(std::span<const double> numerators, std::span<const double> denominators);

// The best of some short looks at each contestant, in turns, so that a disturbed moment hides nobody. One that is far
// slower than the fastest so far gets no further look.
std::vector<double> look(std::span<const Contestant> contestants);
std::vector<std::size_t> fastest_first(std::span<const double> times);  // indices

}  // namespace noggin::latency
