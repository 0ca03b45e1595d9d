#include "train/loop/process_settings.h"

#include <torch/torch.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <limits>

namespace noggin::train {

void prepare_process(std::uint32_t threads) {
  if (threads > 0) at::set_num_threads(static_cast<int>(threads));
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  at::globalContext().setDeterministicFillUninitializedMemory(
      false);                                                // filling every new tensor took a sixth of a step
  at::globalContext().setFloat32MatmulPrecision("highest");  // no TF32: integer sums held in float stay exact
  keep_freed_memory();
}

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_MMAP_THRESHOLD, 1 << 30);  // blocks below 1 GiB get no mapping of their own, which free() would unmap
#endif
}

}  // namespace noggin::train
