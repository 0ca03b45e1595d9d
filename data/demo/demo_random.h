// The demo's random choices: a stream of data::random_bits, so that text i does not depend on earlier draws.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/shards/sampler.h"

namespace noggin::data {

class DemoRandom {
 public:
  DemoRandom(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  std::uint64_t bits() { return random_bits(seed_, stream_, counter_++); }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(bits() % limit); }  // limit > 0
  double uniform() { return random_unit(seed_, stream_, counter_++); }                       // [0, 1)
  double between(double low, double high) { return low + (high - low) * uniform(); }
  bool chance(double probability) { return uniform() < probability; }

 private:
  std::uint64_t seed_, stream_, counter_ = 0;
};

}  // namespace noggin::data
