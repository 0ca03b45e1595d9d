// Where training runs. One binary serves CPU and GPU: LibTorch's CUDA libraries are loaded if present.
#pragma once

#include <torch/torch.h>

#include <string>

namespace noggin::train {

// "" for the CPU; otherwise why CUDA cannot be used ("libtorch_cuda.so is not beside libtorch_cpu.so", ...).
// Loads LibTorch's CUDA libraries on the first call.
std::string cuda_obstacle();

// "LibTorch 2.11.0, CPU capability AVX512, threads 2" for doctor and env.json.
std::string torch_description();

}  // namespace noggin::train
