// The buffers of an encoder's forward pass.
#pragma once

#include "engine/arena.h"
#include "engine/carver.h"
#include "spec/model_config.h"

namespace noggin::runtime {

// See FamilyOps::carve.
void carve_encoder(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver, Workspace& w);

}  // namespace noggin::runtime
