#include "gpu/cuda/cuda_error.h"

#include <gmock/gmock.h>

namespace noggin::gpu {
namespace {

using ::testing::HasSubstr;

struct Case {
  cudaError_t code;
  DriverFacts facts;
  ErrorCode meaning;
  const char* says;
};

TEST(CudaError, SaysWhatIsWrongAndWhatToDo) {
  const DriverFacts none{0, 13000}, old{12040, 13000}, current{13000, 13000};
  const Case cases[] = {
      {cudaErrorInsufficientDriver, none, ErrorCode::kUnsupported, "no CUDA device: this machine has no NVIDIA driver"},
      {cudaErrorInsufficientDriver, old, ErrorCode::kUnsupported, "supports CUDA 12.4, this build uses 13.0"},
      {cudaErrorNoDevice, none, ErrorCode::kUnsupported, "no NVIDIA driver"},
      {cudaErrorNoDevice, current, ErrorCode::kUnsupported, "no CUDA device: the driver sees no GPU"},
      {cudaErrorInvalidDevice, current, ErrorCode::kUnsupported, "no CUDA device with this number"},
      {cudaErrorDevicesUnavailable, current, ErrorCode::kUnsupported, "another process"},
      {cudaErrorNoKernelImageForDevice, current, ErrorCode::kUnsupported, "NOGGIN_CUDA_ARCHITECTURES=native"},
      {cudaErrorMemoryAllocation, current, ErrorCode::kOutOfSpace, "out of device memory while taking 5 bytes"},
      {cudaErrorIllegalAddress, current, ErrorCode::kIo, "cudaErrorIllegalAddress"},
  };
  for (const Case& c : cases) {
    const Error error = explain(c.code, "taking 5 bytes", c.facts);
    EXPECT_EQ(error.code, c.meaning) << c.says;
    EXPECT_THAT(error.message, HasSubstr(c.says));
    EXPECT_THAT(error.message, HasSubstr("Fix: "));
  }
  EXPECT_TRUE(check(cudaSuccess, "nothing"));
}

}  // namespace
}  // namespace noggin::gpu
