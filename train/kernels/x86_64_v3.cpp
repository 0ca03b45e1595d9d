#include "train/kernels/levels.h"

#ifdef NOGGIN_LEVELS
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace noggin::train::x86_64_v3 {
constexpr std::size_t kFloats = 8, kTileRows = 6, kTileRegisters = 2;
#include "train/kernels/level_body.h"
}  // namespace noggin::train::x86_64_v3
#pragma GCC pop_options
#endif
