// The shaders made ready for one device. Const once prepare() has been called for each that is used; then any thread
// may read it.
#pragma once

#include <array>
#include <memory>

#include "gpu/vulkan/device.h"
#include "gpu/vulkan/shaders.h"

namespace noggin::gpu {

class Pipelines {
 public:
  static Result<std::unique_ptr<Pipelines>> create(std::shared_ptr<const Device> device);
  Pipelines(const Pipelines&) = delete;
  Pipelines& operator=(const Pipelines&) = delete;
  ~Pipelines();

  // Compiles the shader for the device unless that is done; takes milliseconds.
  Status prepare(Shader shader);
  VkPipeline pipeline(Shader shader) const { return pipelines_[static_cast<std::size_t>(shader)]; }
  VkPipelineLayout layout() const { return layout_; }
  VkDescriptorSetLayout blocks() const { return blocks_; }  // binding 0: the model's block, 1: the batch's
  const std::shared_ptr<const Device>& device() const { return device_; }

 private:
  explicit Pipelines(std::shared_ptr<const Device> device) : device_(std::move(device)) {}
  Status create_layouts();
  std::shared_ptr<const Device> device_;
  VkDescriptorSetLayout blocks_ = VK_NULL_HANDLE;
  VkPipelineLayout layout_ = VK_NULL_HANDLE;
  std::array<VkPipeline, kShaders> pipelines_{};
};

}  // namespace noggin::gpu
