#include "gpu/vulkan/stream.h"

#include <algorithm>
#include <cstring>

#include "bytes/message.h"

namespace noggin::gpu {
namespace {

// How long the end of a stream waits for a pass that did not finish in time.
constexpr std::chrono::seconds kLastWait{10};
// Every device takes this many blocks in a dimension (maxComputeWorkGroupCount).
constexpr std::uint32_t kRowOfBlocks = 65535;

std::size_t distance(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(kBase);
}

Error forked_error() {
  return {ErrorCode::kUnsupported, message({"this process was forked from the one that opened the GPU, and Vulkan does "
                                            "not work there. Fix: open the model after the fork, or ",
                                            kUseTheCpu})};
}

}  // namespace

Result<std::unique_ptr<Stream>> Stream::create(const Pipelines& pipelines, const Block& model, const Sizes& sizes,
                                               std::chrono::milliseconds time_out, std::shared_ptr<const void> owner) {
  std::unique_ptr<Stream> stream(new Stream(pipelines, sizes, time_out, std::move(owner)));
  Status status = stream->allocate();
  if (status) status = stream->make_commands();
  if (status) status = stream->bind_blocks(model);
  if (!status) return status.error();
  return stream;
}

// A pass that still runs reads and writes what is freed here. If the driver hangs for good, all of it stays until the
// process ends.
Stream::~Stream() {
  if (device_->forked()) return;
  if (running_ && !wait(kLastWait)) {
    new Block(std::move(batch_));
    new Block(std::move(staging_));
    new std::shared_ptr<const void>(owner_);
    return;
  }
  const VkDevice handle = device_->handle();
  vulkan().DestroyFence(handle, fence_, nullptr);
  vulkan().DestroyCommandPool(handle, pool_, nullptr);
  vulkan().DestroyDescriptorPool(handle, descriptors_, nullptr);
}

Status Stream::allocate() {
  Result<Block> batch = device_->allocate(sizes_.batch_bytes, Memory::kDevice, "a session");
  if (!batch) return batch.error();
  Result<Block> staging = device_->allocate(sizes_.index_bytes + sizes_.result_bytes, Memory::kHost, "its copies");
  if (!staging) return staging.error();
  batch_ = *std::move(batch);
  staging_ = *std::move(staging);
  const VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 2};
  auto pool = made<VkDescriptorPoolCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO);
  pool.maxSets = pool.poolSizeCount = 1;
  pool.pPoolSizes = &size;
  return device_->check(vulkan().CreateDescriptorPool(device_->handle(), &pool, nullptr, &descriptors_),
                        "making a session");
}

Status Stream::make_commands() {
  const VkDevice handle = device_->handle();
  auto pool = made<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
  pool.queueFamilyIndex = device_->info().queue_family;
  Status status = device_->check(vulkan().CreateCommandPool(handle, &pool, nullptr, &pool_), "making a session");
  if (!status) return status;
  auto buffer = made<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
  buffer.commandPool = pool_;
  buffer.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  buffer.commandBufferCount = 1;
  status = device_->check(vulkan().AllocateCommandBuffers(handle, &buffer, &commands_), "making a session");
  if (!status) return status;
  const auto fence = made<VkFenceCreateInfo>(VK_STRUCTURE_TYPE_FENCE_CREATE_INFO);
  return device_->check(vulkan().CreateFence(handle, &fence, nullptr, &fence_), "making a session");
}

Status Stream::bind_blocks(const Block& model) {
  const VkDevice handle = device_->handle();
  const VkDescriptorSetLayout layout = pipelines_.blocks();
  auto set = made<VkDescriptorSetAllocateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO);
  set.descriptorPool = descriptors_;
  set.descriptorSetCount = 1;
  set.pSetLayouts = &layout;
  Status status = device_->check(vulkan().AllocateDescriptorSets(handle, &set, &blocks_), "making a session");
  if (!status) return status;
  const VkDescriptorBufferInfo buffers[2] = {{model.buffer(), 0, VK_WHOLE_SIZE}, {batch_.buffer(), 0, VK_WHOLE_SIZE}};
  auto write = made<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
  write.dstSet = blocks_;
  write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  write.pBufferInfo = &buffers[0];
  write.descriptorCount = 1;
  vulkan().UpdateDescriptorSets(handle, 1, &write, 0, nullptr);
  write.dstBinding = 1;
  write.pBufferInfo = &buffers[1];
  vulkan().UpdateDescriptorSets(handle, 1, &write, 0, nullptr);
  return {};
}

Status Stream::begin() {
  if (device_->forked()) return forked_error();
  if (running_) return device_->check(VK_TIMEOUT, "waiting for an earlier pass");
  Status status = device_->check(vulkan().ResetCommandPool(device_->handle(), pool_, 0), "beginning a pass");
  if (!status) return status;
  auto once = made<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
  once.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  return device_->check(vulkan().BeginCommandBuffer(commands_, &once), "beginning a pass");
}

void Stream::barrier(VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to, VkAccessFlags read) {
  auto memory = made<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
  memory.srcAccessMask = written;
  memory.dstAccessMask = read;
  vulkan().CmdPipelineBarrier(commands_, from, to, 0, 1, &memory, 0, nullptr, 0, nullptr);
}

Status Stream::upload(const void* to, const void* from, std::size_t bytes) {
  if (Status status = begin(); !status) return status;
  if (from != staging_.host()) std::memcpy(staging_.host(), from, bytes);
  const VkBufferCopy piece = {0, distance(to), bytes};
  vulkan().CmdCopyBuffer(commands_, staging_.buffer(), batch_.buffer(), 1, &piece);
  barrier(VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
  vulkan().CmdBindDescriptorSets(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines_.layout(), 0, 1, &blocks_, 0,
                                 nullptr);
  return {};
}

Status Stream::record(const Launch& launch) {
  if (launch.blocks == 0) return {};
  vulkan().CmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipelines_.pipeline(launch.shader));
  vulkan().CmdPushConstants(commands_, pipelines_.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                            static_cast<std::uint32_t>(launch.count * kWordBytes), launch.words.data());
  vulkan().CmdDispatch(commands_, std::min(launch.blocks, kRowOfBlocks), divide_up(launch.blocks, kRowOfBlocks), 1);
  barrier(VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
          VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
          VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT);
  return {};
}

Status Stream::download(void* to, const void* from, std::size_t bytes) {
  const VkBufferCopy piece = {distance(from), sizes_.index_bytes, bytes};
  vulkan().CmdCopyBuffer(commands_, batch_.buffer(), staging_.buffer(), 1, &piece);
  barrier(VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
          VK_ACCESS_HOST_READ_BIT);
  if (Status status = finish(); !status) return status;
  std::memcpy(to, staging_.host() + sizes_.index_bytes, bytes);
  return {};
}

Status Stream::finish() {
  Status status = device_->check(vulkan().EndCommandBuffer(commands_), "ending a pass");
  if (status) status = device_->check(vulkan().ResetFences(device_->handle(), 1, &fence_), "ending a pass");
  if (status) status = device_->submit(commands_, fence_);
  if (!status) return status;
  running_ = true;
  return wait(time_out_);
}

Status Stream::wait(std::chrono::milliseconds time) {
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  const VkResult result =
      vulkan().WaitForFences(device_->handle(), 1, &fence_, VK_TRUE, static_cast<std::uint64_t>(nanoseconds));
  if (result != VK_TIMEOUT) running_ = false;
  return device_->check(result, "waiting for a pass");
}

Status Stream::fill(const Block& block, std::span<const std::byte> bytes) {
  const std::size_t room = staging_.bytes();
  for (std::size_t first = 0; first < bytes.size(); first += room) {
    const std::span<const std::byte> piece = bytes.subspan(first, std::min(room, bytes.size() - first));
    if (Status status = begin(); !status) return status;
    std::memcpy(staging_.host(), piece.data(), piece.size());
    const VkBufferCopy place = {0, first, piece.size()};
    vulkan().CmdCopyBuffer(commands_, staging_.buffer(), block.buffer(), 1, &place);
    if (Status status = finish(); !status) return status;
  }
  return {};
}

}  // namespace noggin::gpu
