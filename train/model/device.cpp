#include "train/model/device.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <torch/version.h>

namespace noggin::train {
namespace {

std::string load_cuda() {
  // Found through the run path that already led to libtorch_cpu.so. Stays loaded: torch registers its operators in it.
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char* reason = dlerror();
    return std::string("LibTorch's CUDA libraries cannot be loaded (") +
           (reason != nullptr ? reason : "unknown reason") + ")";
  }
  if (!torch::cuda::is_available()) return "LibTorch's CUDA libraries are loaded, but find no usable GPU";
  return {};
}

}  // namespace

std::string cuda_obstacle() {
  static const std::string obstacle = load_cuda();
  return obstacle;
}

std::string torch_description() {
  return std::string("LibTorch ") + TORCH_VERSION + ", CPU capability " + at::get_cpu_capability() + ", threads " +
         std::to_string(at::get_num_threads());
}

}  // namespace noggin::train
