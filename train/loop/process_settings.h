// Settings that hold for a whole training process.
#pragma once

#include <cstdint>

namespace noggin::train {

// Before the first step: `threads` for LibTorch (0: its own choice), results that do not depend on chance, exact products of
// floats, and keep_freed_memory().
void prepare_process(std::uint32_t threads);

// From now on this process keeps what it frees, for its next allocation, where glibc would return large blocks to the system:
// a step frees all of its activations, and the next one would have the kernel clear as many pages again. The peak stays.
// Does nothing where the C library is not glibc.
void keep_freed_memory();

}  // namespace noggin::train
