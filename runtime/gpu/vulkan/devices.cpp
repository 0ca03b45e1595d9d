// Which devices there are, what each can do, and which one is meant.
#include <algorithm>
#include <cctype>
#include <cstring>

#include "bytes/message.h"
#include "gpu/vulkan/instance.h"
#include "gpu/vulkan/vulkan_error.h"

namespace noggin::gpu {
namespace {

GpuKind kind_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return GpuKind::kDiscrete;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return GpuKind::kIntegrated;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return GpuKind::kVirtual;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return GpuKind::kSoftware;
    default:
      return GpuKind::kOther;
  }
}

class Inspection {
 public:
  Inspection(const Functions& functions, VkPhysicalDevice handle) : functions_(functions) { info_.handle = handle; }

  Result<DeviceInfo> run() {
    if (Status status = read_extensions(); !status) return status.error();
    read_properties();
    if (info_.device.why_not.empty()) read_features();
    if (info_.device.why_not.empty()) find_queue();
    return info_;
  }

 private:
  bool has(const char* extension) const {
    return std::any_of(extensions_.begin(), extensions_.end(), [extension](const VkExtensionProperties& one) {
      return std::strcmp(one.extensionName, extension) == 0;
    });
  }
  // Enables it if it is there.
  bool take(const char* extension) {
    if (!has(extension)) return false;
    info_.extensions.push_back(extension);
    return true;
  }

  Status read_extensions() {
    std::uint32_t count = 0;
    const auto list = [&](VkExtensionProperties* out) {
      return check_vulkan(functions_.EnumerateDeviceExtensionProperties(info_.handle, nullptr, &count, out),
                          "listing a device's extensions", "");
    };
    if (Status status = list(nullptr); !status) return status;
    extensions_.resize(count);
    return list(extensions_.data());
  }

  void read_properties() {
    auto controls =
        made<VkPhysicalDeviceFloatControlsProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES);
    auto dot = made<VkPhysicalDeviceShaderIntegerDotProductProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES);
    auto properties = made<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    if (take(VK_KHR_SHADER_FLOAT_CONTROLS_EXTENSION_NAME)) properties.pNext = &controls;
    if (has(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME)) {
      dot.pNext = properties.pNext;
      properties.pNext = &dot;
    }
    VkPhysicalDeviceProperties base{};
    functions_.GetPhysicalDeviceProperties2(info_.handle, &properties);
    base = properties.properties;
    info_.device.name = base.deviceName;
    info_.device.kind = kind_of(base.deviceType);
    info_.largest_block = base.limits.maxStorageBufferRange;
    info_.float_modes = {controls.shaderRoundingModeRTEFloat32 == VK_TRUE,
                         controls.shaderDenormPreserveFloat32 == VK_TRUE,
                         controls.shaderSignedZeroInfNanPreserveFloat32 == VK_TRUE};
    info_.packed_dot = dot.integerDotProduct4x8BitPackedSignedAccelerated == VK_TRUE;
    if (base.apiVersion < VK_API_VERSION_1_1) info_.device.why_not = "its driver knows only Vulkan 1.0, 1.1 is needed";
  }

  void read_features() {
    auto bytes = made<VkPhysicalDevice8BitStorageFeatures>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES);
    auto dot = made<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES);
    auto features = made<VkPhysicalDeviceFeatures2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2);
    if (take(VK_KHR_8BIT_STORAGE_EXTENSION_NAME)) features.pNext = &bytes;
    if (info_.packed_dot) {
      dot.pNext = features.pNext;
      features.pNext = &dot;
    }
    functions_.GetPhysicalDeviceFeatures2(info_.handle, &features);
    if (bytes.storageBuffer8BitAccess != VK_TRUE) {
      info_.device.why_not = "it has no 8-bit storage (VK_KHR_8bit_storage), which int8 activations need";
    }
    info_.packed_dot = dot.shaderIntegerDotProduct == VK_TRUE && take(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME);
  }

  void find_queue() {
    std::uint32_t count = 0;
    functions_.GetPhysicalDeviceQueueFamilyProperties(info_.handle, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    functions_.GetPhysicalDeviceQueueFamilyProperties(info_.handle, &count, families.data());
    for (std::uint32_t i = 0; i < count; ++i) {
      info_.queue_family = i;
      if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) != 0) return;
    }
    info_.device.why_not = "it has no queue for compute shaders";
  }

  const Functions& functions_;
  DeviceInfo info_;
  std::vector<VkExtensionProperties> extensions_;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string names_of(const std::vector<DeviceInfo>& devices) {
  std::string out;
  for (const DeviceInfo& info : devices) {
    out += (out.empty() ? "'" : ", '") + info.device.name + "'";
    if (!info.device.why_not.empty()) out += " (cannot be used: " + info.device.why_not + ")";
  }
  return out;
}

}  // namespace

Result<std::vector<DeviceInfo>> Instance::devices() const {
  std::uint32_t count = 0;
  const auto list = [&](VkPhysicalDevice* out) {
    return check_vulkan(functions_.EnumeratePhysicalDevices(instance_, &count, out), "looking for devices", "");
  };
  if (Status status = list(nullptr); !status) return status.error();
  std::vector<VkPhysicalDevice> handles(count);
  if (Status status = list(handles.data()); !status) return status.error();
  std::vector<DeviceInfo> devices;
  for (const VkPhysicalDevice handle : handles) {
    Result<DeviceInfo> info = Inspection(functions_, handle).run();
    if (!info) return info.error();
    devices.push_back(*std::move(info));
  }
  std::stable_sort(devices.begin(), devices.end(), [](const DeviceInfo& a, const DeviceInfo& b) {
    const bool a_usable = a.device.why_not.empty(), b_usable = b.device.why_not.empty();
    return a_usable != b_usable ? a_usable : a.device.kind < b.device.kind;
  });
  return devices;
}

Result<DeviceInfo> choose_device(const std::vector<DeviceInfo>& devices, std::string_view wanted) {
  if (devices.empty()) return no_device();
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const DeviceInfo& info) {
    return lower(info.device.name).find(lower(wanted)) != std::string::npos;
  });
  if (found == devices.end()) {
    return Error{ErrorCode::kUnsupported,
                 message({"no Vulkan device is called '", wanted, "'. There are: ", names_of(devices),
                          ". Fix: give a part of one of these names, or ", kUseTheCpu})};
  }
  if (!found->device.why_not.empty()) {
    return Error{ErrorCode::kUnsupported,
                 message({"the Vulkan device '", found->device.name, "' cannot be used: ", found->device.why_not,
                          ". Fix: update its driver, or ", kUseTheCpu})};
  }
  return *found;
}

}  // namespace noggin::gpu
