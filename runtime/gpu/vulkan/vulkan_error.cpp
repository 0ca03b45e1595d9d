#include "gpu/vulkan/vulkan_error.h"

#include "bytes/message.h"

namespace noggin::gpu {
namespace {

struct Meaning {
  VkResult result;
  ErrorCode code;
  const char* what;
  const char* fix;
};

constexpr Meaning kMeanings[] = {
    {VK_ERROR_OUT_OF_DEVICE_MEMORY, ErrorCode::kOutOfSpace, "out of device memory",
     "close other programs that use the GPU, take smaller batches"},
    {VK_ERROR_OUT_OF_HOST_MEMORY, ErrorCode::kOutOfSpace, "out of memory", "free memory, take smaller batches"},
    {VK_ERROR_TOO_MANY_OBJECTS, ErrorCode::kOutOfSpace, "the driver takes no more allocations", "open fewer sessions"},
    {VK_ERROR_DEVICE_LOST, ErrorCode::kIo, "the device was lost",
     "see the system's log for what the driver says, open the model again"},
    {VK_TIMEOUT, ErrorCode::kIo, "the driver did not finish in time",
     "give it more time (GpuOptions::time_out_ms), take smaller batches, update the driver"},
    {VK_ERROR_INCOMPATIBLE_DRIVER, ErrorCode::kUnsupported, "there is no driver, or none that knows Vulkan 1.1",
     "install the GPU's driver (Debian: mesa-vulkan-drivers, which also has a device in software)"},
    {VK_ERROR_INITIALIZATION_FAILED, ErrorCode::kUnsupported, "the driver could not be initialized",
     "update or reinstall the driver"},
    {VK_ERROR_EXTENSION_NOT_PRESENT, ErrorCode::kUnsupported, "the driver lacks an extension", "update the driver"},
    {VK_ERROR_LAYER_NOT_PRESENT, ErrorCode::kUnsupported, "a layer is not installed", "install it"},
    {VK_ERROR_FEATURE_NOT_PRESENT, ErrorCode::kUnsupported, "the device lacks a feature", "choose another device"},
};

std::string named(std::string_view device) { return device.empty() ? "" : message({" on '", device, "'"}); }

}  // namespace

Error explain_vulkan(VkResult result, std::string_view doing, std::string_view device) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.result != result) continue;
    return {meaning.code, message({"Vulkan", named(device), ", ", doing, ": ", meaning.what, ". Fix: ", meaning.fix,
                                   ", or ", kUseTheCpu})};
  }
  return {ErrorCode::kIo, message({"Vulkan", named(device), ", ", doing, ": the driver reports ",
                                   static_cast<int>(result), ". Fix: update the driver, or ", kUseTheCpu})};
}

Error no_loader(const std::string& library, const std::string& why) {
  return {ErrorCode::kUnsupported,
          message({"no Vulkan on this machine: ", library, " cannot be opened (", why,
                   "). Fix: install it (Debian: libvulkan1 and mesa-vulkan-drivers), or ", kUseTheCpu})};
}

Error no_device() {
  return {ErrorCode::kUnsupported, message({"no Vulkan device: the loader is here, but no driver with a device. Fix: "
                                            "install the GPU's driver (Debian: mesa-vulkan-drivers, which also has a "
                                            "device in software); in a container, give it the GPU; or ",
                                            kUseTheCpu})};
}

}  // namespace noggin::gpu
