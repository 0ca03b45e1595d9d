// Each kernel on the best level of this processor.
#include "train/kernels/row_kernels.h"

#include "train/kernels/kernel_list.h"
#include "train/kernels/levels.h"

namespace noggin::train {

#define NOGGIN_DECLARE(result, name, parameters, arguments) result name parameters;
#ifdef NOGGIN_LEVELS
namespace x86_64_v4 {
NOGGIN_TRAIN_KERNELS(NOGGIN_DECLARE)
}
namespace x86_64_v3 {
NOGGIN_TRAIN_KERNELS(NOGGIN_DECLARE)
}
#endif
namespace baseline {
NOGGIN_TRAIN_KERNELS(NOGGIN_DECLARE)
}

#ifdef NOGGIN_LEVELS
namespace {
const int kLevel = __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
}  // namespace
#define NOGGIN_BEST(call) (kLevel == 4 ? x86_64_v4::call : kLevel == 3 ? x86_64_v3::call : baseline::call)
#else
#define NOGGIN_BEST(call) baseline::call
#endif

#define NOGGIN_FORWARD(result, name, parameters, arguments) \
  result name parameters { return NOGGIN_BEST(name arguments); }
NOGGIN_TRAIN_KERNELS(NOGGIN_FORWARD)

DropoutRule DropoutRule::of(double probability, std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed ^ (seed >> 32)), static_cast<std::uint32_t>(probability * 65536.0 + 0.5)};
}

}  // namespace noggin::train
