// Answers from a GPU, by Vulkan: the sessions of engine.h, the same calls and the same bits, in batches.
//
//   auto model = noggin::Model::open("router.nog");
//   auto gpu = noggin::GpuModel::open(*model);             // Result<GpuModel>: device chosen, tested, weights copied
//   auto session = gpu->session();                          // Result<Session>: as any other
//   session->classify_batch(texts, answers);
//
// Trust: opening tests the device's arithmetic with some thousand chosen cases and the file's golden vectors. A device
// that gives one wrong bit is refused, and the error says in which case.
// Failures: a device can be lost, or its driver hang, at any time. The session then computes that call, and all later
// ones, on the CPU, with the same bits: no answer is lost, none is wrong. failure() tells that this happened, and why;
// who needs the GPU to have answered asks it after the calls.
// Errors: kUnsupported (no loader, no device, no such name, a device without what is needed, an n-gram model, a device
// that failed its test), kOutOfSpace (memory of the device or of this machine), kIo (device lost, time-out). Each says
// what to do.
// Threads: a GpuModel is const and may be shared; a Session is for one thread at a time. Several sessions of one
// GpuModel may work at once.
// Processes: after fork() the child's calls are answered by the CPU.
// Lifetime: a Session must not outlive its Model; it may outlive the GpuModel.
// Memory: opening takes the weights' bytes on the device; a session takes scratch memory there and the same again here,
// for the case that the CPU must answer. No call allocates afterwards.
// A library of its own, libnoggin_gpu (NOGGIN_WITH_VULKAN): link noggin::gpu. Programs that do so start where there is
// no Vulkan, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/engine.h"
#include "noggin/export.h"
#include "noggin/result.h"

namespace noggin {

namespace gpu {
struct InstanceOptions;
class LoadedModel;
}  // namespace gpu

enum class GpuKind { kDiscrete, kIntegrated, kVirtual, kOther, kSoftware };
NOGGIN_EXPORT const char* gpu_kind_name(GpuKind kind);  // "discrete GPU", ..., "software"

struct GpuDevice {
  std::string name;  // as its driver gives it
  GpuKind kind = GpuKind::kOther;
  std::string why_not;  // empty if it can be used; else what it lacks
};

// Every Vulkan device of this machine, best first; none is opened or tested.
NOGGIN_EXPORT Result<std::vector<GpuDevice>> gpu_devices();

// No option changes an answer, not even its last bit.
struct GpuOptions {
  std::string_view device = {};        // part of its name; empty: the best one
  std::size_t batch_tokens = 4096;     // most tokens in one pass; at least the model's max_tokens is taken, and less
                                       // than this where the device cannot hold so much
  std::size_t batch_texts = 1024;      // most texts in one pass, likewise
  std::uint32_t time_out_ms = 60'000;  // how long a pass may take before the driver counts as hanging
};

class NOGGIN_EXPORT GpuModel {
 public:
  // The model must stay where it is, and outlive the GpuModel.
  static Result<GpuModel> open(const Model& model, const GpuOptions& options = {});
  // internal: with another loader (gpu/vulkan/instance.h), for tests
  static Result<GpuModel> open(const Model& model, const GpuOptions& options, const gpu::InstanceOptions& instance);
  GpuModel(GpuModel&&) noexcept;
  GpuModel& operator=(GpuModel&&) noexcept;
  ~GpuModel();

  const GpuDevice& device() const;
  std::size_t memory_bytes() const;  // of the device, for the weights
  Result<Session> session() const;
  // The first failure of any of its sessions; success while there was none.
  Status failure() const;

 private:
  explicit GpuModel(std::shared_ptr<gpu::LoadedModel> loaded);
  std::shared_ptr<gpu::LoadedModel> loaded_;
};

}  // namespace noggin
