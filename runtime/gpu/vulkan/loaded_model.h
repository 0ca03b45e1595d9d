// A model's weights and shaders on one device, and passes of batches through them. What GpuModel (noggin/gpu.h) holds.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "engine/forward_device.h"
#include "gpu/batch.h"
#include "gpu/model_image.h"
#include "gpu/vulkan/pipelines.h"
#include "noggin/gpu.h"

namespace noggin::gpu {

class LoadedModel : public std::enable_shared_from_this<LoadedModel> {
 public:
  // Compiles the shaders that the model needs, tests the device's arithmetic, copies the weights.
  static Result<std::shared_ptr<LoadedModel>> load(std::shared_ptr<const Device> device, const Model& model,
                                                   const GpuOptions& options);
  const Model& model() const { return model_; }
  const DeviceModel& placed() const { return placed_; }
  const DeviceInfo& info() const { return pipelines_->device()->info(); }
  std::size_t memory_bytes() const { return block_.bytes(); }

  // Memory and commands for one session, which keeps this model alive.
  Result<std::unique_ptr<runtime::ForwardDevice>> forward_device();

  // The first failure of any session.
  void fail(const Error& error);
  Status failure() const;

 private:
  LoadedModel(const Model& model, const GpuOptions& options, std::unique_ptr<Pipelines> pipelines);
  Status prepare();
  Status copy_weights();
  const Model& model_;
  BatchCapacity capacity_;
  std::chrono::milliseconds time_out_;
  std::unique_ptr<Pipelines> pipelines_;
  Block block_;
  DeviceModel placed_;
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
};

}  // namespace noggin::gpu
