#include "train/kernels/levels.h"

namespace noggin::train::baseline {
#include "train/kernels/level_body.h"
}  // namespace noggin::train::baseline
