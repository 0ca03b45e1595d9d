// Settings of the whole training process.
#pragma once

#include <cstdint>

namespace noggin::train {

// Call before the first step. Sets `threads` of LibTorch (0: its own choice), deterministic results, exact float
// products, and keep_freed_memory().
void prepare_process(std::uint32_t threads);

// From now on freed memory stays with the process for later allocations; glibc would return large blocks to the system.
// A step frees all its activations, and the kernel would have to clear as many pages for the next step. Peak memory
// does not change. No-op without glibc.
void keep_freed_memory();

}  // namespace noggin::train
