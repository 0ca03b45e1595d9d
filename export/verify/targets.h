// The targets that verify compares: which exist, why one cannot run here, and how they are made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "export/verify/target.h"
#include "noggin/engine.h"
#include "noggin/result.h"
#include "spec/model_config.h"

namespace noggin::exporter {

inline constexpr const char* kAllTargets = "all";
inline constexpr const char* kCuda = "cuda";
inline constexpr const char* kVulkan = "vulkan";
inline constexpr const char* kOnnxRuntime = "onnxruntime";
inline constexpr const char* kNotExecutable = "this machine does not execute it";  // of a kernel set

// The names of all targets of this build, whether or not they can run here.
std::vector<std::string> known_targets();
// kInvalidArgument for a name that is neither "all" nor known; lists the known ones.
Status check_targets(const std::vector<std::string>& targets);

// Why a known target cannot run on a model of this shape, as far as is known before rows are processed; empty if it
// can.
// onnx_path: empty if there is no such file.
std::string target_obstacle(const std::string& name, const spec::ModelConfig& config, const std::string& onnx_path);
// kUnsupported: a target requested by name cannot run.
Error cannot_run(const std::string& name, const std::string& why);

struct TargetSources {
  const Model& model;               // must outlive the targets
  std::string onnx_path;            // empty: there is none
  std::string onnxruntime_library;  // as in VerifyRequest
};
// The targets of these names, in the order of known_targets(); "all" or no name: each, but cuda only if it is built in,
// and vulkan only where there is hardware: a device in software proves the shaders as well, but takes a CPU's time to.
// One that cannot run here is made, too: it has an obstacle.
std::vector<std::unique_ptr<Target>> make_targets(const std::vector<std::string>& names, const TargetSources& sources);

}  // namespace noggin::exporter
