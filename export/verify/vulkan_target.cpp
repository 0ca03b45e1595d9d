#include "export/verify/vulkan_target.h"

#include "export/verify/targets.h"

#if defined(NOGGIN_HAS_VULKAN)

#include <algorithm>
#include <chrono>
#include <optional>

#include "noggin/gpu.h"

namespace noggin::exporter {
namespace {

class VulkanTarget : public Target {
 public:
  explicit VulkanTarget(const Model& model) : Target(kVulkan), model_(model) {}

  Status logits(const Chunk& chunk, train::DatasetLogits& logits, std::vector<double>& microseconds) override {
    if (Status status = open(); !status) return status.error();
    const std::vector<std::size_t>& starts = chunk.all.inputs.starts;
    for (std::size_t first = chunk.first_sequence(); first < chunk.end_sequence(); first += kVulkanBatch) {
      const std::size_t end = std::min(first + kVulkanBatch, chunk.end_sequence());
      std::vector<std::uint32_t> lengths;
      for (std::size_t i = first; i < end; ++i)
        lengths.push_back(static_cast<std::uint32_t>(starts[i + 1] - starts[i]));
      const std::span ids = std::span(chunk.all.inputs.token_ids).subspan(starts[first], starts[end] - starts[first]);
      // Sequences lie one after another.
      const std::span out =
          std::span(logits.values).subspan(logits.starts[first], logits.starts[end] - logits.starts[first]);
      const auto start = std::chrono::steady_clock::now();
      Status status = session_->logits_batch(ids, lengths, out);
      const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;
      if (status) status = gpu_->failure();
      if (!status) return status.error();
      microseconds.push_back(elapsed.count() / static_cast<double>(end - first));
    }
    return {};
  }
  std::string untraced() const override { return "unknown: a session on a GPU is not traced"; }

 private:
  Status open() {
    if (session_) return {};
    Result<GpuModel> gpu = GpuModel::open(model_);
    if (!gpu) return gpu.error();
    gpu_ = *std::move(gpu);
    Result<Session> session = gpu_->session();
    if (!session) return session.error();
    session_ = *std::move(session);
    return {};
  }

  const Model& model_;
  std::optional<GpuModel> gpu_;
  std::optional<Session> session_;
};

}  // namespace

bool vulkan_has_hardware() {
  const Result<std::vector<GpuDevice>> devices = gpu_devices();
  return devices && !devices->empty() && devices->front().kind != GpuKind::kSoftware;
}

std::string vulkan_obstacle() {
  const Result<std::vector<GpuDevice>> devices = gpu_devices();
  if (!devices) return devices.error().message;
  if (devices->empty()) return "this machine has no Vulkan device. Fix: install the GPU's driver";
  const GpuDevice& best = devices->front();
  return best.why_not.empty() ? "" : "the Vulkan device '" + best.name + "' cannot be used: " + best.why_not;
}

std::unique_ptr<Target> vulkan_target(const Model& model) { return std::make_unique<VulkanTarget>(model); }

}  // namespace noggin::exporter

#else

namespace noggin::exporter {

bool vulkan_has_hardware() { return false; }

std::string vulkan_obstacle() {
  return "this build has no Vulkan part. Fix: configure with -DNOGGIN_WITH_VULKAN=ON where libvulkan-dev and "
         "glslang-tools are";
}

std::unique_ptr<Target> vulkan_target(const Model&) {
  return std::make_unique<UnavailableTarget>(kVulkan, vulkan_obstacle());
}

}  // namespace noggin::exporter

#endif
