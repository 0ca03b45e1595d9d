// Adds to a compiled shader what the device can promise of its float arithmetic. A shader that asks for more than a
// device has is invalid there, so it is compiled without these requests, and gets those that the device knows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/vulkan/instance.h"

namespace noggin::gpu {

// `words` is a module with one entry point, as glslangValidator writes it. Returns it with the execution modes
// RoundingModeRTE, DenormPreserve and SignedZeroInfNanPreserve of 32 bits that `modes` holds (SPV_KHR_float_controls).
std::vector<std::uint32_t> with_float_modes(std::span<const std::uint32_t> words, const FloatModes& modes);

}  // namespace noggin::gpu
