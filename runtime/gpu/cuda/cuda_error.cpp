#include "gpu/cuda/cuda_error.h"

namespace noggin::gpu {
namespace {

// 12040 -> "12.4"
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Error no_driver() {
  return {
      ErrorCode::kUnsupported,
      "no CUDA device: this machine has no NVIDIA driver. Fix: install the driver (libcuda.so.1) on a machine with an "
      "NVIDIA GPU; in a container, give it the GPU (docker run --gpus all)"};
}

Error old_driver(const DriverFacts& facts) {
  return {ErrorCode::kUnsupported, "the NVIDIA driver is too old: it supports CUDA " +
                                       version_text(facts.driver_version) + ", this build uses " +
                                       version_text(facts.runtime_version) +
                                       ". Fix: update the driver, or build with an older CUDA toolkit"};
}

}  // namespace

Error explain(cudaError_t code, const std::string& doing, const DriverFacts& facts) {
  const std::string name = cudaGetErrorName(code);
  switch (code) {
    case cudaErrorInsufficientDriver:
    case cudaErrorCallRequiresNewerDriver:
    case cudaErrorUnsupportedPtxVersion:
      return facts.driver_version == 0 ? no_driver() : old_driver(facts);
    case cudaErrorNoDevice:
    case cudaErrorStubLibrary:
      if (facts.driver_version == 0) return no_driver();
      return {ErrorCode::kUnsupported,
              "no CUDA device: the driver sees no GPU (" + name +
                  "). Fix: unset CUDA_VISIBLE_DEVICES, or run nvidia-smi to see what the driver says"};
    case cudaErrorInvalidDevice:
      return {ErrorCode::kUnsupported,
              "there is no CUDA device with this number. Fix: choose one of those that nvidia-smi lists"};
    case cudaErrorDevicesUnavailable:
      return {ErrorCode::kUnsupported,
              "the GPU is busy: another process has exclusive use of it. Fix: end that process, or set the "
              "compute mode to default (nvidia-smi -c 0)"};
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidKernelImage:
      return {ErrorCode::kUnsupported, "this build has no kernels for this GPU (" + name +
                                           "). Fix: build with "
                                           "-DNOGGIN_CUDA_ARCHITECTURES=native on a machine with it"};
    case cudaErrorMemoryAllocation:
      return {ErrorCode::kOutOfSpace, "out of device memory while " + doing +
                                          ". Fix: a smaller BatchCapacity, or free the "
                                          "GPU (nvidia-smi lists the processes that use it)"};
    default:
      return {ErrorCode::kIo,
              "CUDA failed while " + doing + ": " + cudaGetErrorString(code) + " (" + name +
                  "). This process can no longer use the GPU. Fix: run again under compute-sanitizer and report it"};
  }
}

Status check(cudaError_t code, const std::string& doing) {
  if (code == cudaSuccess) return {};
  DriverFacts facts{0, 0};
  if (cudaDriverGetVersion(&facts.driver_version) != cudaSuccess) facts.driver_version = 0;
  if (cudaRuntimeGetVersion(&facts.runtime_version) != cudaSuccess) facts.runtime_version = CUDART_VERSION;
  cudaGetLastError();
  return explain(code, doing, facts);
}

}  // namespace noggin::gpu
