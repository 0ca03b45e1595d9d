// Which levels of instructions are built besides the baseline, and what the file of each level includes first: nothing
// from outside may be defined under a level's `#pragma GCC target`, for the linker could choose it for every processor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include "spec/quant.h"
#include "train/kernels/row_kernels.h"

#define NOGGIN_INLINE inline __attribute__((always_inline))

// Sanitizers check what the baseline compiles to.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NOGGIN_LEVELS 1
#endif
