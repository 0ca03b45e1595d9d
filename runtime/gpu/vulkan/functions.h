// The functions of Vulkan that this backend calls, as pointers: the loader is opened at run time, so a program with
// this backend also starts on a machine without Vulkan.
#pragma once

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

namespace noggin::gpu {

// X(name) for each, without the prefix vk.
#define NOGGIN_VULKAN_GLOBAL(X) X(CreateInstance)
#define NOGGIN_VULKAN_INSTANCE(X)           \
  X(DestroyInstance)                        \
  X(EnumeratePhysicalDevices)               \
  X(GetPhysicalDeviceProperties2)           \
  X(GetPhysicalDeviceFeatures2)             \
  X(GetPhysicalDeviceQueueFamilyProperties) \
  X(GetPhysicalDeviceMemoryProperties)      \
  X(EnumerateDeviceExtensionProperties)     \
  X(CreateDevice)
#define NOGGIN_VULKAN_DEVICE(X)  \
  X(DestroyDevice)               \
  X(GetDeviceQueue)              \
  X(CreateBuffer)                \
  X(DestroyBuffer)               \
  X(GetBufferMemoryRequirements) \
  X(AllocateMemory)              \
  X(FreeMemory)                  \
  X(BindBufferMemory)            \
  X(MapMemory)                   \
  X(CreateShaderModule)          \
  X(DestroyShaderModule)         \
  X(CreateDescriptorSetLayout)   \
  X(DestroyDescriptorSetLayout)  \
  X(CreatePipelineLayout)        \
  X(DestroyPipelineLayout)       \
  X(CreateComputePipelines)      \
  X(DestroyPipeline)             \
  X(CreateDescriptorPool)        \
  X(DestroyDescriptorPool)       \
  X(AllocateDescriptorSets)      \
  X(UpdateDescriptorSets)        \
  X(CreateCommandPool)           \
  X(DestroyCommandPool)          \
  X(ResetCommandPool)            \
  X(AllocateCommandBuffers)      \
  X(BeginCommandBuffer)          \
  X(EndCommandBuffer)            \
  X(CmdBindPipeline)             \
  X(CmdBindDescriptorSets)       \
  X(CmdPushConstants)            \
  X(CmdDispatch)                 \
  X(CmdPipelineBarrier)          \
  X(CmdCopyBuffer)               \
  X(QueueSubmit)                 \
  X(CreateFence)                 \
  X(DestroyFence)                \
  X(ResetFences)                 \
  X(WaitForFences)

// The names are Vulkan's own. Null until loaded.
struct Functions {
#define NOGGIN_VULKAN_POINTER(name) PFN_vk##name name = nullptr;
  PFN_vkGetInstanceProcAddr GetInstanceProcAddr = nullptr;
  NOGGIN_VULKAN_GLOBAL(NOGGIN_VULKAN_POINTER)
  NOGGIN_VULKAN_INSTANCE(NOGGIN_VULKAN_POINTER)
  NOGGIN_VULKAN_DEVICE(NOGGIN_VULKAN_POINTER)
#undef NOGGIN_VULKAN_POINTER
};

// A structure of Vulkan with its type set and everything else zero.
template <typename Structure>
Structure made(VkStructureType type) {
  Structure structure{};
  structure.sType = type;
  return structure;
}

}  // namespace noggin::gpu
