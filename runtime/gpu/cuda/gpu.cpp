#include "gpu/cuda/gpu.h"

#include "gpu/cuda/cuda_error.h"

namespace noggin::gpu {

void GpuBlock::Free::operator()(std::byte* memory) const {
  if (cudaSetDevice(device) == cudaSuccess) cudaFree(memory);
}

void Gpu::Destroy::operator()(CUstream_st* stream) const { cudaStreamDestroy(stream); }

Result<Gpu> Gpu::open(int device) {
  // Query the count first: without a GPU other calls fail with less specific codes.
  int count = 0;
  if (Status status = check(cudaGetDeviceCount(&count), "looking for a GPU"); !status) return status.error();
  if (Status status = check(count == 0 ? cudaErrorNoDevice : cudaSetDevice(device), "choosing the GPU"); !status)
    return status.error();
  cudaStream_t stream = nullptr;
  if (Status status = check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "opening the GPU"); !status) {
    return status.error();
  }
  int generation = 0;
  Gpu gpu(device, false, stream);
  if (Status status = check(cudaDeviceGetAttribute(&generation, cudaDevAttrComputeCapabilityMajor, device),
                            "reading the GPU's compute capability");
      !status) {
    return status.error();
  }
  gpu.has_tensor_cores_ = generation >= 8;
  return gpu;
}

Result<std::string> Gpu::describe() const {
  cudaDeviceProp properties;
  if (Status status = check(cudaGetDeviceProperties(&properties, device_), "reading the GPU's properties"); !status) {
    return status.error();
  }
  return std::string(properties.name) + ", compute capability " + std::to_string(properties.major) + "." +
         std::to_string(properties.minor);
}

Result<GpuBlock> Gpu::allocate(std::size_t bytes, const std::string& what) const {
  if (Status status = enter(); !status) return status.error();
  void* memory = nullptr;
  const std::string doing = "taking " + std::to_string(bytes) + " bytes for " + what;
  if (Status status = check(cudaMalloc(&memory, bytes), doing); !status) return status.error();
  return GpuBlock(device_, static_cast<std::byte*>(memory), bytes);
}

Status Gpu::enter() const {
  if (process_ != getpid()) {
    return Error{ErrorCode::kUnsupported,
                 "this process was forked from the one that opened the GPU, and CUDA does not work there. Fix: open "
                 "model and session after the fork"};
  }
  return check(cudaSetDevice(device_), "choosing the GPU");
}

Status Gpu::upload(void* to, const void* from, std::size_t bytes) {
  return check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_.get()), "copying to the GPU");
}

Status Gpu::download(void* to, const void* from, std::size_t bytes) {
  const Status status =
      check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.get()), "copying from the GPU");
  // Kernels run asynchronously, so the failure of one is reported here.
  return status ? check(cudaStreamSynchronize(stream_.get()), "computing on the GPU") : status;
}

}  // namespace noggin::gpu
