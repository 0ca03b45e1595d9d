// Loops that keep one kind of unit busy and nothing else: twelve independent chains of one instruction, more than
// latency times ports of any unit they are meant for. Inline assembly only, so that nothing here can be compiled for
// another instruction set than it says, and the whole program stays runnable everywhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace noggin::latency {

struct PeakLoop {
  void (*run)(std::size_t repeats);
  double work_per_repeat;  // products, or operations on single elements
};

struct PeakLoops {
  const char* product_instruction;
  PeakLoop products, floats, divisions;
};

// `kernel_set` runs on this machine. Empty for a set that has no loops.
std::optional<PeakLoops> peak_loops(const std::string& kernel_set);

}  // namespace noggin::latency
