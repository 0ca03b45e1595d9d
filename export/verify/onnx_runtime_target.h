// ONNX Runtime on the .onnx file. It adds in another order, so its bits may differ; they are counted, not judged.
#pragma once

#include <memory>
#include <string>

#include "export/verify/target.h"

namespace noggin::exporter {

// A library or a model that cannot be loaded is the target's obstacle.
std::unique_ptr<Target> onnx_runtime_target(const std::string& library, const std::string& onnx_path);

}  // namespace noggin::exporter
