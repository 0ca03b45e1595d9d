// Sessions on a GPU by Vulkan as a target of verify. Compiles in every build; reports when the part is not built in.
#pragma once

#include <memory>
#include <string>

#include "export/verify/target.h"
#include "noggin/engine.h"

namespace noggin::exporter {

// There is a device that is no software.
bool vulkan_has_hardware();

// Why no device can run it here and how to fix it, as far as is known without opening one; empty if one can.
std::string vulkan_obstacle();

// Whole batches on the best device. Its times are per text, from each batch, copies to and from the device included. A
// device that fails its test, or while it runs, is an error: the CPU's answers in its place would prove nothing about
// it. Call it without an obstacle. The model must outlive the target.
inline constexpr std::size_t kVulkanBatch = 256;
std::unique_ptr<Target> vulkan_target(const Model& model);

}  // namespace noggin::exporter
