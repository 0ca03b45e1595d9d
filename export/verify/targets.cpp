#include "export/verify/targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "export/verify/cuda_target.h"
#include "export/verify/kernel_set_target.h"
#include "export/verify/onnx_runtime_target.h"
#include "export/verify/vulkan_target.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"

namespace noggin::exporter {
namespace {

std::unique_ptr<Target> make_target(const std::string& name, const TargetSources& sources) {
  const std::string obstacle = target_obstacle(name, sources.model.view().config, sources.onnx_path);
  if (!obstacle.empty()) return std::make_unique<UnavailableTarget>(name, obstacle);
  if (name == kCuda) return cuda_target(sources.model);
  if (name == kVulkan) return vulkan_target(sources.model);
  if (name == kOnnxRuntime) return onnx_runtime_target(sources.onnxruntime_library, sources.onnx_path, sources.model);
  return std::make_unique<KernelSetTarget>(sources.model, name);
}

}  // namespace

std::vector<std::string> known_targets() {
  std::vector<std::string> names;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) names.emplace_back(sets.entries[i].kernels->name);
  names.insert(names.end(), {kCuda, kVulkan, kOnnxRuntime});
  return names;
}

Status check_targets(const std::vector<std::string>& targets) {
  const std::vector<std::string> known = known_targets();
  for (const std::string& name : targets) {
    if (name == kAllTargets || std::ranges::find(known, name) != known.end()) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("verify: there is no target '{}'. Targets: all, {}", name, fmt::join(known, ", "))};
  }
  return {};
}

std::string target_obstacle(const std::string& name, const spec::ModelConfig& config, const std::string& onnx_path) {
  const bool ngram = config.family == spec::Family::kNgram;
  if ((name == kCuda || name == kVulkan) && ngram)
    return "GPUs run encoders only; an n-gram model answers in microseconds on the CPU";
  if (name == kCuda) return cuda_obstacle();
  if (name == kVulkan) return vulkan_obstacle();
  if (name == kOnnxRuntime && ngram) return "ONNX has no hashing of strings, so an n-gram model has no .onnx file";
  if (name == kOnnxRuntime) return onnx_path.empty() ? "no .onnx file" : "";
  return name == kAllTargets || runtime::find_kernels(name.c_str()) != nullptr ? "" : kNotExecutable;
}

Error cannot_run(const std::string& name, const std::string& why) {
  return {ErrorCode::kUnsupported,
          fmt::format("verify: the target '{}' was requested by name and cannot run: {}. Fix: leave "
                      "it out, or ask for all, which reports it as not run",
                      name, why)};
}

std::vector<std::unique_ptr<Target>> make_targets(const std::vector<std::string>& names, const TargetSources& sources) {
  const auto named = [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  const bool all = names.empty() || named(kAllTargets);
  const auto in_all = [](const std::string& name) {
    if (name == kCuda) return cuda_is_built_in();
    return name != kVulkan || vulkan_has_hardware();
  };
  std::vector<std::unique_ptr<Target>> targets;
  for (const std::string& name : known_targets()) {
    if (named(name) || (all && in_all(name))) targets.push_back(make_target(name, sources));
  }
  return targets;
}

}  // namespace noggin::exporter
