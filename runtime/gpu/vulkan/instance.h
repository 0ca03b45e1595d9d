// The Vulkan loader of this machine and the devices it knows.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gpu/vulkan/functions.h"
#include "noggin/gpu.h"
#include "noggin/result.h"

namespace noggin::gpu {

struct InstanceOptions {
  // The one instance of this process, opened once and never closed, with the other options at their defaults: closing
  // the last one unloads the drivers, which is slow to undo and leaves their memory behind.
  bool shared = false;
  std::string library = "libvulkan.so.1";
  // Not empty: the Khronos validation layer watches every call and reports here.
  std::function<void(const char* message)> on_validation_message = {};
  // Called once all functions are loaded: a test puts failing ones in their place.
  std::function<void(Functions&)> replace_functions = {};
};

// What float behaviour a device can be asked for (SPV_KHR_float_controls, 32-bit).
struct FloatModes {
  bool round_to_nearest_even = false, keep_subnormals = false, keep_signed_zero_inf_nan = false;
};

struct DeviceInfo {
  VkPhysicalDevice handle = VK_NULL_HANDLE;
  GpuDevice device;  // name, kind, and why it cannot be used
  std::uint32_t queue_family = 0;
  std::uint64_t largest_block = 0;  // bytes that one buffer may show to a shader
  FloatModes float_modes;
  bool packed_dot = false;                   // multiplies four int8 at a time, accelerated
  std::vector<const char*> extensions = {};  // to enable
};

class Instance {
 public:
  static Result<std::shared_ptr<const Instance>> open(const InstanceOptions& options = {});
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance();

  const Functions& functions() const { return functions_; }
  // This process was forked from the one that opened it: the driver's threads are not here, so no call may be made, not
  // even to free something.
  bool forked() const { return process_ != getpid(); }
  // Best first: usable ones before others, then GPUs of their own, in the processor, others, in software.
  Result<std::vector<DeviceInfo>> devices() const;

 private:
  explicit Instance(const InstanceOptions& options) : options_(options), process_(getpid()) {}
  static Result<std::shared_ptr<const Instance>> open_shared();
  Status load_library();
  Status create();
  InstanceOptions options_;
  pid_t process_;
  Functions functions_;
  VkInstance instance_ = VK_NULL_HANDLE;
  VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
  PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger_ = nullptr;
};

// The first device whose name contains `wanted`, upper and lower case alike; empty: the best usable one. The error says
// which devices there are and why one cannot be used.
Result<DeviceInfo> choose_device(const std::vector<DeviceInfo>& devices, std::string_view wanted);

}  // namespace noggin::gpu
