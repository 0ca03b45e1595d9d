#include "export/verify/cuda_target.h"

#if defined(NOGGIN_HAS_CUDA)

#include <algorithm>
#include <chrono>
#include <utility>

#include "export/report/statistics.h"
#include "gpu/cuda/cuda_session.h"

namespace noggin::exporter {

bool cuda_is_built_in() { return true; }

std::string cuda_obstacle() {
  const Status gpu = gpu::check_gpu();
  return gpu ? std::string() : gpu.error().message;
}

Result<std::vector<float>> cuda_logits(const Model& model, std::span<const std::uint32_t> ids,
                                       std::span<const std::uint32_t> offsets, double& microseconds_per_text) {
  Result<gpu::CudaModel> on_gpu = gpu::CudaModel::upload(model);
  if (!on_gpu) return on_gpu.error();
  Result<gpu::CudaSession> session = gpu::CudaSession::create(*on_gpu, {kCudaBatch, kCudaBatch * model.max_tokens()});
  if (!session) return session.error();

  std::vector<float> all;
  std::vector<double> times;
  const std::size_t texts = offsets.size() - 1;
  for (std::size_t first = 0; first < texts; first += kCudaBatch) {
    const std::size_t count = std::min(kCudaBatch, texts - first);
    std::vector<std::uint32_t> batch;  // offsets of the batch, from 0
    for (std::size_t b = 0; b <= count; ++b) batch.push_back(offsets[first + b] - offsets[first]);
    const auto start = std::chrono::steady_clock::now();
    const auto logits = session->logits({ids.subspan(offsets[first], batch.back()), batch});
    const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;
    if (!logits) return logits.error();
    times.push_back(elapsed.count() / static_cast<double>(count));
    all.insert(all.end(), logits->begin(), logits->end());
  }
  microseconds_per_text = median(std::move(times));
  return all;
}

}  // namespace noggin::exporter

#else

namespace noggin::exporter {

bool cuda_is_built_in() { return false; }

std::string cuda_obstacle() {
  return "this build has no CUDA backend. Fix: configure with -DNOGGIN_WITH_CUDA=ON where nvcc is";
}

Result<std::vector<float>> cuda_logits(const Model&, std::span<const std::uint32_t>, std::span<const std::uint32_t>,
                                       double&) {
  return Error{ErrorCode::kUnsupported, cuda_obstacle()};
}

}  // namespace noggin::exporter

#endif
