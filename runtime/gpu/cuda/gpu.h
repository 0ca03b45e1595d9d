// One GPU as the forward pass needs it (gpu/forward.h): memory, copies and launches, in order on one stream.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>

#include "noggin/result.h"

struct CUstream_st;  // what a cudaStream_t points to

namespace noggin::gpu {

// Device memory that frees itself.
class GpuBlock {
 public:
  GpuBlock() = default;
  GpuBlock(int device, std::byte* memory, std::size_t bytes) : memory_(memory, Free{device}), bytes_(bytes) {}
  std::byte* data() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    int device = 0;
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::size_t bytes_ = 0;
};

class Gpu {
 public:
  static Result<Gpu> open(int device);
  int device() const { return device_; }
  Result<std::string> describe() const;
  bool has_tensor_cores() const { return has_tensor_cores_; }  // for int8: compute capability 8.0 and later

  // `what` names the memory in an error: "the model".
  Result<GpuBlock> allocate(std::size_t bytes, const std::string& what) const;
  // Makes this GPU the calling thread's current device, which every call below needs. kUnsupported in a forked child.
  Status enter() const;
  Status upload(void* to, const void* from, std::size_t bytes);
  // Waits for all earlier calls.
  Status download(void* to, const void* from, std::size_t bytes);
  template <typename Kernel>
  Status launch(const Kernel& kernel);  // launch.cu instantiates it for every kernel

 private:
  struct Destroy {
    void operator()(CUstream_st* stream) const;
  };
  Gpu(int device, bool has_tensor_cores, CUstream_st* stream)
      : device_(device), process_(getpid()), has_tensor_cores_(has_tensor_cores), stream_(stream) {}
  int device_;
  pid_t process_;  // the one that opened it
  bool has_tensor_cores_;
  std::unique_ptr<CUstream_st, Destroy> stream_;
};

}  // namespace noggin::gpu
