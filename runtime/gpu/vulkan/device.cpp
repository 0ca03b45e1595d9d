#include "gpu/vulkan/device.h"

#include <utility>

#include "bytes/message.h"

namespace noggin::gpu {
namespace {

constexpr VkMemoryPropertyFlags kShared = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kWanted[2][2] = {
    {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0},
    {kShared | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, kShared},  // cached: this machine reads the logits from it
};

}  // namespace

void Block::swap(Block& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(buffer_, other.buffer_);
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  std::swap(host_, other.host_);
}

Block::~Block() {
  if (device_ == nullptr || device_->forked()) return;
  const Functions& vulkan = device_->functions();
  vulkan.DestroyBuffer(device_->handle(), buffer_, nullptr);
  vulkan.FreeMemory(device_->handle(), memory_, nullptr);  // also unmaps it
}

Device::~Device() {
  if (device_ != VK_NULL_HANDLE && !forked()) functions().DestroyDevice(device_, nullptr);
}

Result<std::shared_ptr<const Device>> Device::open(std::shared_ptr<const Instance> instance, const DeviceInfo& info) {
  const std::shared_ptr<Device> device(new Device(std::move(instance), info));
  if (Status status = device->create(); !status) return status.error();
  return std::shared_ptr<const Device>(device);
}

Status Device::create() {
  const float priority = 1.0F;
  auto queue = made<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
  queue.queueFamilyIndex = info_.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  auto bytes = made<VkPhysicalDevice8BitStorageFeatures>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES);
  bytes.storageBuffer8BitAccess = VK_TRUE;
  auto dot = made<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES);
  dot.shaderIntegerDotProduct = VK_TRUE;
  if (info_.packed_dot) bytes.pNext = &dot;
  auto wanted = made<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
  wanted.pNext = &bytes;
  wanted.queueCreateInfoCount = 1;
  wanted.pQueueCreateInfos = &queue;
  wanted.enabledExtensionCount = static_cast<std::uint32_t>(info_.extensions.size());
  wanted.ppEnabledExtensionNames = info_.extensions.data();
  Status status = check(functions().CreateDevice(info_.handle, &wanted, nullptr, &device_), "opening the device");
  if (!status) return status;
  functions().GetDeviceQueue(device_, info_.queue_family, 0, &queue_);
  functions().GetPhysicalDeviceMemoryProperties(info_.handle, &memory_);
  return {};
}

int Device::memory_type(std::uint32_t allowed, Memory kind) const {
  for (const VkMemoryPropertyFlags wanted : kWanted[static_cast<int>(kind)]) {
    for (std::uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
      const bool suits = (memory_.memoryTypes[i].propertyFlags & wanted) == wanted;
      if (suits && (allowed >> i & 1U) != 0) return static_cast<int>(i);
    }
  }
  return -1;
}

Result<Block> Device::allocate(std::size_t bytes, Memory kind, const std::string& what) const {
  const std::string doing = message({"allocating ", bytes, " bytes for ", what});
  if (bytes > info_.largest_block) {
    return Error{ErrorCode::kOutOfSpace,
                 message({"Vulkan on '", info_.device.name, "', ", doing, ": its shaders see at most ",
                          info_.largest_block, " bytes at once. Fix: take smaller batches, or ", kUseTheCpu})};
  }
  Block block;
  auto buffer = made<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
  buffer.size = bytes;
  buffer.usage =
      VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  buffer.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
  Status status = check(functions().CreateBuffer(device_, &buffer, nullptr, &block.buffer_), doing);
  if (!status) return status.error();
  block.device_ = shared_from_this();  // from here on the block frees what it has
  block.bytes_ = bytes;
  status = bind(block, kind, doing);
  if (!status) return status.error();
  return block;
}

Status Device::bind(Block& block, Memory kind, const std::string& doing) const {
  VkMemoryRequirements needed{};
  functions().GetBufferMemoryRequirements(device_, block.buffer_, &needed);
  const int type = memory_type(needed.memoryTypeBits, kind);
  if (type < 0) return check(VK_ERROR_FEATURE_NOT_PRESENT, doing);
  auto wanted = made<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
  wanted.allocationSize = needed.size;
  wanted.memoryTypeIndex = static_cast<std::uint32_t>(type);
  Status status = check(functions().AllocateMemory(device_, &wanted, nullptr, &block.memory_), doing);
  if (status) status = check(functions().BindBufferMemory(device_, block.buffer_, block.memory_, 0), doing);
  if (!status || kind == Memory::kDevice) return status;
  void* host = nullptr;
  status = check(functions().MapMemory(device_, block.memory_, 0, VK_WHOLE_SIZE, 0, &host), doing);
  block.host_ = static_cast<std::byte*>(host);
  return status;
}

Status Device::submit(VkCommandBuffer commands, VkFence fence) const {
  auto work = made<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
  work.commandBufferCount = 1;
  work.pCommandBuffers = &commands;
  const std::lock_guard lock(queue_mutex_);
  return check(functions().QueueSubmit(queue_, 1, &work, fence), "starting a pass");
}

}  // namespace noggin::gpu
