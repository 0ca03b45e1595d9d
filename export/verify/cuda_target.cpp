#include "export/verify/cuda_target.h"

#include "export/verify/targets.h"

#if defined(NOGGIN_HAS_CUDA)

#include <algorithm>
#include <chrono>
#include <optional>

#include "gpu/cuda/cuda_session.h"

namespace noggin::exporter {
namespace {

class CudaTarget : public Target {
 public:
  explicit CudaTarget(const Model& model) : Target(kCuda), model_(model) {}

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override {
    if (Status status = upload(); !status) return status.error();
    for (std::size_t first = chunk.first_sequence(); first < chunk.end_sequence(); first += kCudaBatch) {
      const std::size_t end = std::min(first + kCudaBatch, chunk.end_sequence());
      const std::size_t ids = chunk.all.inputs.starts[first];
      std::vector<std::uint32_t> offsets;  // of the batch, from 0
      for (std::size_t i = first; i <= end; ++i) {
        offsets.push_back(static_cast<std::uint32_t>(chunk.all.inputs.starts[i] - ids));
      }
      const auto start = std::chrono::steady_clock::now();
      const auto found =
          session_->logits({std::span(chunk.all.inputs.token_ids).subspan(ids, offsets.back()), offsets});
      const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;
      if (!found) return found.error();
      microseconds.push_back(elapsed.count() / static_cast<double>(end - first));
      std::ranges::copy(*found, logits.values.data() + logits.starts[first]);  // sequences lie one after another
    }
    return {};
  }
  std::string untraced() const override { return "unknown: the CUDA backend is not traced"; }

 private:
  Status upload() {
    if (session_) return {};
    Result<gpu::CudaModel> on_gpu = gpu::CudaModel::upload(model_);
    if (!on_gpu) return on_gpu.error();
    on_gpu_ = *std::move(on_gpu);
    Result<gpu::CudaSession> session =
        gpu::CudaSession::create(*on_gpu_, {kCudaBatch, kCudaBatch * model_.max_tokens()});
    if (!session) return session.error();
    session_ = *std::move(session);
    return {};
  }

  const Model& model_;
  std::optional<gpu::CudaModel> on_gpu_;
  std::optional<gpu::CudaSession> session_;
};

}  // namespace

bool cuda_is_built_in() { return true; }

std::string cuda_obstacle() {
  const Status gpu = gpu::check_gpu();
  return gpu ? std::string() : gpu.error().message;
}

std::unique_ptr<Target> cuda_target(const Model& model) { return std::make_unique<CudaTarget>(model); }

}  // namespace noggin::exporter

#else

namespace noggin::exporter {

bool cuda_is_built_in() { return false; }

std::string cuda_obstacle() {
  return "this build has no CUDA backend. Fix: configure with -DNOGGIN_WITH_CUDA=ON where nvcc is";
}

std::unique_ptr<Target> cuda_target(const Model&) {
  return std::make_unique<UnavailableTarget>(kCuda, cuda_obstacle());
}

}  // namespace noggin::exporter

#endif
