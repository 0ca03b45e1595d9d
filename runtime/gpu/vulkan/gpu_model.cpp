// noggin/gpu.h: a device is chosen, tested and given the weights; its sessions are those of engine.h.
#include <new>
#include <utility>

#include "bytes/message.h"
#include "gpu/vulkan/loaded_model.h"
#include "gpu/vulkan/vulkan_error.h"

namespace noggin {
namespace {

Error out_of_memory() { return {ErrorCode::kOutOfSpace, "out of memory"}; }

Result<std::shared_ptr<const gpu::Device>> open_device(const gpu::InstanceOptions& options, std::string_view wanted) {
  Result<std::shared_ptr<const gpu::Instance>> instance = gpu::Instance::open(options);
  if (!instance) return instance.error();
  const Result<std::vector<gpu::DeviceInfo>> devices = (*instance)->devices();
  if (!devices) return devices.error();
  const Result<gpu::DeviceInfo> chosen = gpu::choose_device(*devices, wanted);
  if (!chosen) return chosen.error();
  return gpu::Device::open(*std::move(instance), *chosen);
}

// The file's golden vectors through a session on the device. A file without any proves nothing, but is no reason
// against a device whose arithmetic has been tested.
Status test_golden_vectors(const GpuModel& model) {
  Result<Session> session = model.session();
  if (!session) return session.error();
  const SelfTest result = session->self_test();
  if (Status status = model.failure(); !status) return status;  // then the CPU gave the answers
  if (result.failed == 0) return {};
  return Error{ErrorCode::kUnsupported,
               message({"the Vulkan device '", model.device().name,
                        "' gives other logits than the file promises: ", result.first_failure,
                        ". Fix: update its driver, choose another device, or ", gpu::kUseTheCpu})};
}

}  // namespace

const char* gpu_kind_name(GpuKind kind) {
  switch (kind) {
    case GpuKind::kDiscrete:
      return "discrete GPU";
    case GpuKind::kIntegrated:
      return "integrated GPU";
    case GpuKind::kVirtual:
      return "virtual GPU";
    case GpuKind::kSoftware:
      return "software";
    case GpuKind::kOther:
      break;
  }
  return "other";
}

Result<std::vector<GpuDevice>> gpu_devices() try {
  const Result<std::shared_ptr<const gpu::Instance>> instance = gpu::Instance::open({.shared = true});
  if (!instance) return instance.error();
  const Result<std::vector<gpu::DeviceInfo>> infos = (*instance)->devices();
  if (!infos) return infos.error();
  std::vector<GpuDevice> devices;
  for (const gpu::DeviceInfo& info : *infos) devices.push_back(info.device);
  return devices;
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

GpuModel::GpuModel(std::shared_ptr<gpu::LoadedModel> loaded) : loaded_(std::move(loaded)) {}
GpuModel::GpuModel(GpuModel&&) noexcept = default;
GpuModel& GpuModel::operator=(GpuModel&&) noexcept = default;
GpuModel::~GpuModel() = default;

Result<GpuModel> GpuModel::open(const Model& model, const GpuOptions& options) {
  return open(model, options, gpu::InstanceOptions{.shared = true});
}

Result<GpuModel> GpuModel::open(const Model& model, const GpuOptions& options,
                                const gpu::InstanceOptions& instance) try {
  if (model.view().config.family != spec::Family::kEncoder) {
    return Error{ErrorCode::kUnsupported,
                 message({"an n-gram model is too small to be worth a GPU. Fix: ", gpu::kUseTheCpu})};
  }
  Result<std::shared_ptr<const gpu::Device>> device = open_device(instance, options.device);
  if (!device) return device.error();
  Result<std::shared_ptr<gpu::LoadedModel>> loaded = gpu::LoadedModel::load(*std::move(device), model, options);
  if (!loaded) return loaded.error();
  GpuModel opened(*std::move(loaded));
  if (Status status = test_golden_vectors(opened); !status) return status.error();
  return opened;
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

const GpuDevice& GpuModel::device() const { return loaded_->info().device; }
std::size_t GpuModel::memory_bytes() const { return loaded_->memory_bytes(); }
Status GpuModel::failure() const { return loaded_->failure(); }

Result<Session> GpuModel::session() const try {
  Result<std::unique_ptr<runtime::ForwardDevice>> device = loaded_->forward_device();
  if (!device) return device.error();
  return Session::create(loaded_->model(), {}, *std::move(device));
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace noggin
