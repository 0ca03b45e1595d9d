// Passes through a device, one after the other: the `Device` of gpu/forward.h. A pass is one command buffer: the index
// is copied in, the kernels run, the logits are copied out. Everything is allocated when the stream is made.
#pragma once

#include <chrono>
#include <memory>

#include "gpu/batch.h"
#include "gpu/vulkan/launches.h"
#include "gpu/vulkan/pipelines.h"

namespace noggin::gpu {

class Stream {
 public:
  // model: what binding 0 shows. owner: keeps pipelines and model alive; null if the caller does. batch_bytes: of
  // scratch memory on the device. index_bytes, result_bytes: the most that one pass copies in and out.
  struct Sizes {
    std::size_t batch_bytes, index_bytes, result_bytes;
  };
  static Result<std::unique_ptr<Stream>> create(const Pipelines& pipelines, const Block& model, const Sizes& sizes,
                                                std::chrono::milliseconds time_out, std::shared_ptr<const void> owner);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Memory of this machine [index_bytes] that upload() copies from without another copy.
  std::byte* index() const { return staging_.host(); }

  // Begins a pass: [from, from + bytes) to an address of the batch (laid out from kBase).
  Status upload(const void* to, const void* from, std::size_t bytes);
  template <typename Kernel>
  Status launch(const Kernel& kernel) {
    return record(launch_of(kernel));
  }
  // Ends the pass, sends it off, waits for it, and copies what is at `from` in the batch. If the device does not finish
  // in time, no later pass is begun: its command buffer may still be running.
  Status download(void* to, const void* from, std::size_t bytes);

  // upload() for the model's block, once: through the staging memory, piece by piece, waiting for each.
  Status fill(const Block& block, std::span<const std::byte> bytes);

  Status record(const Launch& launch);

 private:
  Stream(const Pipelines& pipelines, const Sizes& sizes, std::chrono::milliseconds time_out,
         std::shared_ptr<const void> owner)
      : owner_(std::move(owner)),
        pipelines_(pipelines),
        device_(pipelines.device()),
        sizes_(sizes),
        time_out_(time_out) {}
  const Functions& vulkan() const { return device_->functions(); }
  Status allocate();
  Status make_commands();
  Status bind_blocks(const Block& model);
  Status begin();
  void barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to, VkAccessFlags read);
  Status finish();
  Status wait(std::chrono::milliseconds time);

  std::shared_ptr<const void> owner_;  // destroyed last
  const Pipelines& pipelines_;
  std::shared_ptr<const Device> device_;
  Sizes sizes_;
  std::chrono::milliseconds time_out_;
  Block batch_, staging_;  // staging_: [index_bytes] and [result_bytes] of this machine's memory
  VkDescriptorPool descriptors_ = VK_NULL_HANDLE;
  VkDescriptorSet blocks_ = VK_NULL_HANDLE;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;
  VkFence fence_ = VK_NULL_HANDLE;
  bool running_ = false;  // sent off, and not known to be done
};

}  // namespace noggin::gpu
