// What a GPU kernel is here: a plain struct of arguments whose work is divided into phases.
//
//   struct Kernel {
//     static constexpr unsigned kThreads;            // per block
//     struct Shared;                                 // one per block, garbage at first
//     struct State;                                  // one per thread, zero at first: its registers
//     unsigned blocks() const;                       // on the host; 0 means nothing to do
//     unsigned phases(unsigned block) const;         // the same for every thread of a block
//     void phase(unsigned phase, Place at, State&, Shared&) const;
//   };
//
// The GPU runs phase 0 on all threads of a block, waits for all of them, then runs phase 1, and so on
// (cuda/launch.cu). A thread may read what another thread wrote only if that was in an earlier phase. So the same
// functions can run on a CPU, one thread after the other in any order, with the same results: this is how the
// arithmetic is tested without a GPU.
//
// All pointers in a kernel point into device memory. Float operations are plain operators, each rounded once: nvcc is
// told not to contract them, and a test checks its output for that.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gpu/intrinsics.h"
#include "spec/device.h"

namespace noggin::gpu {

struct Place {
  unsigned block, thread;
};

inline constexpr unsigned kWordBytes = 4;  // int8 operands are multiplied four at a time

NOGGIN_DEVICE inline std::uint32_t divide_up(std::uint32_t value, std::uint32_t by) { return (value + by - 1) / by; }

}  // namespace noggin::gpu
