// What a result of Vulkan means for the user: what, where, why, and what to do. The CPU gives the same answers, so
// every message offers it.
#pragma once

#include <string>
#include <string_view>

#include "gpu/vulkan/functions.h"
#include "noggin/result.h"

namespace noggin::gpu {

inline constexpr const char* kUseTheCpu = "use the CPU (without --gpu), whose answers have the same bits";

// `doing` as in "allocating 4096 bytes for the model"; `device` is its name, or empty.
Error explain_vulkan(VkResult result, std::string_view doing, std::string_view device);

// Success, or explain_vulkan().
inline Status check_vulkan(VkResult result, std::string_view doing, std::string_view device) {
  if (result == VK_SUCCESS) return {};
  return explain_vulkan(result, doing, device);
}

Error no_loader(const std::string& library, const std::string& why);
Error no_device();

}  // namespace noggin::gpu
