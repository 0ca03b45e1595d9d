// The CUDA backend as a target of verify. Compiles in every build; reports when the backend is not built in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "noggin/engine.h"
#include "noggin/result.h"

namespace noggin::exporter {

bool cuda_is_built_in();

// Why the backend cannot run here and how to fix it; empty if it can.
std::string cuda_obstacle();

// Logits [B, C] of texts given as token ids, text b being ids[offsets[b]] .. ids[offsets[b + 1]], B > 0, in batches of
// kCudaBatch. microseconds_per_text: the median over batches, copies to and from the GPU included.
inline constexpr std::size_t kCudaBatch = 64;
Result<std::vector<float>> cuda_logits(const Model& model, std::span<const std::uint32_t> ids,
                                       std::span<const std::uint32_t> offsets, double& microseconds_per_text);

}  // namespace noggin::exporter
