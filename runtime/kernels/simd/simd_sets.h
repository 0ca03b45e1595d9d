// The sets that a build for x86-64 or AArch64 may contain; NOGGIN_HAS_<SET> says whether it does. Only dispatch.cpp
// uses them, after querying the processor.
#pragma once

#include "kernels/kernel_set.h"

namespace noggin::runtime {

extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvxVnniKernels;
extern const KernelSet kAvx512VnniKernels;
extern const KernelSet kAvx512AmxKernels;
extern const KernelSet kNeonDotprodKernels;

}  // namespace noggin::runtime
