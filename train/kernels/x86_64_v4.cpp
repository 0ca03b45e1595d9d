#include "train/kernels/levels.h"

#ifdef NOGGIN_LEVELS
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
namespace noggin::train::x86_64_v4 {
constexpr std::size_t kFloats = 16, kTileRows = 6, kTileRegisters = 4;
#include "train/kernels/level_body.h"
}  // namespace noggin::train::x86_64_v4
#pragma GCC pop_options
#endif
