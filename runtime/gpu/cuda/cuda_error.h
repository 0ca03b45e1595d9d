// What a failed CUDA call means to a user.
#pragma once

#include <cuda_runtime.h>

#include <string>

#include "noggin/result.h"

namespace noggin::gpu {

// What helps to explain a failure, apart from its code.
struct DriverFacts {
  int driver_version;   // 12040 for CUDA 12.4; 0: no driver
  int runtime_version;  // of this build's toolkit
};

// `doing`: "copying the model to the GPU".
Error explain(cudaError_t code, const std::string& doing, const DriverFacts& facts);

// The same with the facts of this machine; success for cudaSuccess. Clears CUDA's last error.
Status check(cudaError_t code, const std::string& doing);

}  // namespace noggin::gpu
