#include "gpu/vulkan/instance.h"

#include <dlfcn.h>

#include <mutex>

#include "gpu/vulkan/vulkan_error.h"

namespace noggin::gpu {
namespace {

VKAPI_ATTR VkBool32 VKAPI_CALL pass_on(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                       const VkDebugUtilsMessengerCallbackDataEXT* data, void* options) {
  static_cast<const InstanceOptions*>(options)->on_validation_message(data->pMessage);
  return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger(InstanceOptions& options) {
  auto info = made<VkDebugUtilsMessengerCreateInfoEXT>(VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT);
  info.messageSeverity =
      VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT |
                     VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
  info.pfnUserCallback = pass_on;
  info.pUserData = &options;
  return info;
}

}  // namespace

Instance::~Instance() {
  if (instance_ != VK_NULL_HANDLE && !forked()) {
    if (messenger_ != VK_NULL_HANDLE) destroy_messenger_(instance_, messenger_, nullptr);
    functions_.DestroyInstance(instance_, nullptr);
  }
}

// The library stays open for good: drivers leave threads and handlers behind that its code must outlive.
Status Instance::load_library() {
  void* const library = dlopen(options_.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = dlerror();
    return no_loader(options_.library, why == nullptr ? "" : why);
  }
  functions_.GetInstanceProcAddr = reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  if (functions_.GetInstanceProcAddr == nullptr) return no_loader(options_.library, "it is no Vulkan loader");
#define NOGGIN_LOAD(name) \
  functions_.name = reinterpret_cast<PFN_vk##name>(functions_.GetInstanceProcAddr(nullptr, "vk" #name));
  NOGGIN_VULKAN_GLOBAL(NOGGIN_LOAD)
#undef NOGGIN_LOAD
  if (functions_.CreateInstance == nullptr) return no_loader(options_.library, "it is no Vulkan loader");
  return {};
}

Status Instance::create() {
  auto application = made<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
  application.pApplicationName = "noggin";
  application.apiVersion = VK_API_VERSION_1_1;
  auto info = made<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
  info.pApplicationInfo = &application;
  const bool validate = static_cast<bool>(options_.on_validation_message);
  const char* const layer = "VK_LAYER_KHRONOS_validation";
  const char* const extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
  const VkDebugUtilsMessengerCreateInfoEXT watching = messenger(options_);
  if (validate) {
    info.pNext = &watching;
    info.enabledLayerCount = info.enabledExtensionCount = 1;
    info.ppEnabledLayerNames = &layer;
    info.ppEnabledExtensionNames = &extension;
  }
  const Status created =
      check_vulkan(functions_.CreateInstance(&info, nullptr, &instance_), "creating an instance", "");
  if (!created) return created;
#define NOGGIN_LOAD(name)                                                                                  \
  functions_.name = reinterpret_cast<PFN_vk##name>(functions_.GetInstanceProcAddr(instance_, "vk" #name)); \
  if (functions_.name == nullptr) return explain_vulkan(VK_ERROR_INCOMPATIBLE_DRIVER, "looking for vk" #name, "");
  NOGGIN_VULKAN_INSTANCE(NOGGIN_LOAD)
  NOGGIN_VULKAN_DEVICE(NOGGIN_LOAD)  // through the loader, which passes calls on to the right driver
#undef NOGGIN_LOAD
  if (!validate) return {};
  const auto create_messenger = reinterpret_cast<PFN_vkCreateDebugUtilsMessengerEXT>(
      functions_.GetInstanceProcAddr(instance_, "vkCreateDebugUtilsMessengerEXT"));
  destroy_messenger_ = reinterpret_cast<PFN_vkDestroyDebugUtilsMessengerEXT>(
      functions_.GetInstanceProcAddr(instance_, "vkDestroyDebugUtilsMessengerEXT"));
  return check_vulkan(create_messenger(instance_, &watching, nullptr, &messenger_), "watching the calls", "");
}

Result<std::shared_ptr<const Instance>> Instance::open_shared() {
  static std::mutex mutex;
  static auto* const kept = new std::shared_ptr<const Instance>;  // never destroyed
  const std::lock_guard lock(mutex);
  if (*kept == nullptr || (*kept)->forked()) {
    Result<std::shared_ptr<const Instance>> opened = open();
    if (!opened) return opened.error();
    *kept = *std::move(opened);
  }
  return *kept;
}

Result<std::shared_ptr<const Instance>> Instance::open(const InstanceOptions& options) {
  if (options.shared) return open_shared();
  const std::shared_ptr<Instance> instance(new Instance(options));
  if (Status status = instance->load_library(); !status) return status.error();
  if (Status status = instance->create(); !status) return status.error();
  if (options.replace_functions) options.replace_functions(instance->functions_);
  return std::shared_ptr<const Instance>(instance);
}

}  // namespace noggin::gpu
