// Reads RANK and WORLD_SIZE without joining a group and without LibTorch: for commands that only one process may run.
#pragma once

#include <cstdint>

namespace noggin::train {

// Both throw Failure (kUsage) on a value that is not a number. If unset: rank 0 of 1.
std::uint32_t environment_rank();
std::uint32_t environment_world_size();
// A number from 0 to 65535 in an environment variable, or `otherwise` when it is unset.
std::uint32_t environment_number(const char* name, std::uint32_t otherwise);

}  // namespace noggin::train
