// The only file that nvcc compiles: launches every kernel of cuda/ on the GPU.
#include <cuda_runtime.h>

#include "gpu/attention_kernel.h"
#include "gpu/cuda/cuda_error.h"
#include "gpu/cuda/gpu.h"
#include "gpu/linear_kernel.h"
#include "gpu/row_kernels.h"
#include "gpu/tensor_core_kernel.h"

namespace noggin::gpu {
namespace {

template <typename Kernel>
__global__ void __launch_bounds__(Kernel::kThreads) run(const Kernel kernel) {
  __shared__ typename Kernel::Shared shared;
  typename Kernel::State state{};
  const Place at{blockIdx.x, threadIdx.x};
  const unsigned phases = kernel.phases(at.block);
  for (unsigned phase = 0; phase < phases; ++phase) {
    kernel.phase(phase, at, state, shared);
    __syncthreads();
  }
}

}  // namespace

template <typename Kernel>
Status Gpu::launch(const Kernel& kernel) {
  if (kernel.blocks() == 0) return {};
  run<<<kernel.blocks(), Kernel::kThreads, 0, stream_.get()>>>(kernel);
  return check(cudaGetLastError(), "starting a kernel");
}

template Status Gpu::launch(const Embed&);
template Status Gpu::launch(const GatherRows&);
template Status Gpu::launch(const ScaleAndAdd&);
template Status Gpu::launch(const AddLayerNorm&);
template Status Gpu::launch(const Pool&);
template Status Gpu::launch(const Linear<FloatOutput>&);
template Status Gpu::launch(const Linear<QuantizedOutput>&);
template Status Gpu::launch(const TensorCoreLinear<FloatOutput>&);
template Status Gpu::launch(const TensorCoreLinear<QuantizedOutput>&);
template Status Gpu::launch(const Attention<4>&);
template Status Gpu::launch(const Attention<8>&);
template Status Gpu::launch(const Attention<32>&);

}  // namespace noggin::gpu
