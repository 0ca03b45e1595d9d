// The targets that verify holds against each other: which there are, and what keeps one from running here.
#pragma once

#include <string>
#include <vector>

#include "noggin/result.h"
#include "spec/model_config.h"

namespace noggin::exporter {

inline constexpr const char* kAllTargets = "all";
inline constexpr const char* kCuda = "cuda";
inline constexpr const char* kOnnxRuntime = "onnxruntime";
inline constexpr const char* kNotExecutable = "this machine does not execute it";  // of a kernel set

// What a target may be called in this build, whether or not it can run here.
std::vector<std::string> known_targets();
// kInvalidArgument for a name that is neither "all" nor known; says which are.
Status check_targets(const std::vector<std::string>& targets);

// What keeps a known target from running on a model of this family, as far as that shows before rows go through; empty when
// nothing does. onnx_path: empty where there is no such file.
std::string target_obstacle(const std::string& name, spec::Family family, const std::string& onnx_path);
// kUnsupported: a target that was asked for by name cannot run.
Error cannot_run(const std::string& name, const std::string& why);

}  // namespace noggin::exporter
