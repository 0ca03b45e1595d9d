// Vulkan for tests: an instance that the validation layer watches where it is installed, and the reason to skip a test
// where there is no device.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gpu/vulkan/device.h"
#include "gpu/vulkan/loaded_model.h"

namespace noggin::test {

// What the validation layer has said, from any thread.
class ValidationMessages {
 public:
  void add(const char* message) {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(message);
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> messages_;
};

inline ValidationMessages& validation_messages() {
  static ValidationMessages messages;
  return messages;
}

// Without the layer, the same without its eyes.
inline gpu::InstanceOptions watched() {
  gpu::InstanceOptions options;
  options.on_validation_message = [](const char* message) { validation_messages().add(message); };
  static const bool has_layer = static_cast<bool>(gpu::Instance::open(options));
  if (!has_layer) options.on_validation_message = {};
  return options;
}

// The device that --gpu would choose, or why there is none.
inline Result<std::shared_ptr<const gpu::Device>> open_watched_device() {
  Result<std::shared_ptr<const gpu::Instance>> instance = gpu::Instance::open(watched());
  if (!instance) return instance.error();
  const Result<std::vector<gpu::DeviceInfo>> devices = (*instance)->devices();
  if (!devices) return devices.error();
  const Result<gpu::DeviceInfo> chosen = gpu::choose_device(*devices, "");
  if (!chosen) return chosen.error();
  return gpu::Device::open(*std::move(instance), *chosen);
}

// Skips where no device is; fails where the validation layer says anything.
class OnVulkan : public ::testing::Test {
 protected:
  void SetUp() override {
    static const bool drivers_stay = static_cast<bool>(gpu::Instance::open({.shared = true}));
    (void)drivers_stay;
    static const Result<std::shared_ptr<const gpu::Device>> device = open_watched_device();
    if (!device) GTEST_SKIP() << "not run on a GPU: " << device.error().message;
    device_ = *device;
  }
  void TearDown() override {
    for (const std::string& message : validation_messages().take()) ADD_FAILURE() << "validation layer: " << message;
  }
  std::shared_ptr<const gpu::Device> device_;
};

}  // namespace noggin::test
