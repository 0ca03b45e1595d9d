#include "train/kernels/levels.h"

namespace noggin::train::baseline {
constexpr std::size_t kFloats = 4, kTileRows = 2, kTileRegisters = 4;
#include "train/kernels/level_body.h"
}  // namespace noggin::train::baseline
