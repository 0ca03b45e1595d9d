// One opened device: its queue and its memory. Shared by all models and sessions on it; every call may come from any
// thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "gpu/vulkan/instance.h"
#include "gpu/vulkan/vulkan_error.h"

namespace noggin::gpu {

class Device;

// A block of memory that frees itself.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Block();
  VkBuffer buffer() const { return buffer_; }
  std::size_t bytes() const { return bytes_; }
  std::byte* host() const { return host_; }  // where this machine sees it; null for the device's own memory

 private:
  friend class Device;
  void swap(Block& other) noexcept;
  std::shared_ptr<const Device> device_;
  VkBuffer buffer_ = VK_NULL_HANDLE;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  std::size_t bytes_ = 0;
  std::byte* host_ = nullptr;
};

enum class Memory { kDevice, kHost };  // its own memory, if it has any; or what both see

class Device : public std::enable_shared_from_this<Device> {
 public:
  static Result<std::shared_ptr<const Device>> open(std::shared_ptr<const Instance> instance, const DeviceInfo& info);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device();

  VkDevice handle() const { return device_; }
  const DeviceInfo& info() const { return info_; }
  bool forked() const { return instance_->forked(); }
  const Functions& functions() const { return instance_->functions(); }
  Status check(VkResult result, std::string_view doing) const { return check_vulkan(result, doing, info_.device.name); }

  // `what` names the memory in an error: "the model". kOutOfSpace also for more than a shader may see at once.
  Result<Block> allocate(std::size_t bytes, Memory kind, const std::string& what) const;
  // Sends the commands to the device and returns; `fence` is signalled when they are done.
  Status submit(VkCommandBuffer commands, VkFence fence) const;

 private:
  Device(std::shared_ptr<const Instance> instance, const DeviceInfo& info)
      : instance_(std::move(instance)), info_(info) {}
  Status create();
  Status bind(Block& block, Memory kind, const std::string& doing) const;
  // A type of memory with these properties, better ones first; or none.
  int memory_type(std::uint32_t allowed, Memory kind) const;

  std::shared_ptr<const Instance> instance_;
  DeviceInfo info_;
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  mutable std::mutex queue_mutex_;  // one thread at a time may submit
  VkPhysicalDeviceMemoryProperties memory_{};
};

}  // namespace noggin::gpu
