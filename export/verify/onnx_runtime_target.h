// ONNX Runtime on the .onnx file. It adds in another order, so its bits may differ; they are counted, not judged. Its
// answers are made of its logits by what the file's own metadata states, as an application would make them; what it
// states otherwise than the .nog file fails a gate.
#pragma once

#include <memory>
#include <string>

#include "export/verify/target.h"
#include "noggin/engine.h"

namespace noggin::exporter {

// A library or a model that cannot be loaded, or that does not state how to answer, is the target's obstacle. `model`:
// the .nog file, which must outlive the target; its tokenizer is used.
std::unique_ptr<Target> onnx_runtime_target(const std::string& library, const std::string& onnx_path,
                                            const Model& model);

}  // namespace noggin::exporter
