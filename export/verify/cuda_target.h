// The CUDA backend as a target of verify. Compiles in every build; reports when the backend is not built in.
#pragma once

#include <memory>
#include <string>

#include "export/verify/target.h"
#include "noggin/engine.h"

namespace noggin::exporter {

bool cuda_is_built_in();

// Why the backend cannot run here and how to fix it; empty if it can.
std::string cuda_obstacle();

// Whole batches; its times are per text, from each batch, copies to and from the GPU included. Call it without an
// obstacle. The model must outlive the target.
inline constexpr std::size_t kCudaBatch = 64;
std::unique_ptr<Target> cuda_target(const Model& model);

}  // namespace noggin::exporter
