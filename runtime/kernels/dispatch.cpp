// Which sets are built in, which of them this machine executes, and which one is used.
#include <cstdlib>
#include <cstring>

#include "kernels/cpu_features.h"
#include "kernels/kernel_set.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {

KernelSetList kernel_sets() {
  [[maybe_unused]] static const CpuFeatures kCpu = cpu_features();
  static const KernelSetEntry kEntries[] = {
#if defined(NOGGIN_HAS_AVX512_AMX)
      {&kAvx512AmxKernels, kCpu.avx512_amx},
#endif
#if defined(NOGGIN_HAS_AVX512_VNNI)
      {&kAvx512VnniKernels, kCpu.avx512_vnni},
#endif
#if defined(NOGGIN_HAS_AVX_VNNI)
      {&kAvxVnniKernels, kCpu.avx_vnni},
#endif
#if defined(NOGGIN_HAS_AVX2)
      {&kAvx2Kernels, kCpu.avx2},
#endif
#if defined(NOGGIN_HAS_NEON_DOTPROD)
      {&kNeonDotprodKernels, kCpu.neon_dotprod},
#endif
      {&reference_kernels(), true},
  };
  return {kEntries, sizeof(kEntries) / sizeof(kEntries[0])};
}

const KernelSet* find_kernels(const char* name) {
  const KernelSetList list = kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    const KernelSetEntry& entry = list.entries[i];
    if (std::strcmp(entry.kernels->name, name) == 0) return entry.executable ? entry.kernels : nullptr;
  }
  return nullptr;
}

const KernelSet* select_kernels() {
  const char* forced = std::getenv("NOGGIN_FORCE_ISA");
  if (forced != nullptr && forced[0] != '\0') return find_kernels(forced);
  const KernelSetList list = kernel_sets();
  for (std::size_t i = 0; i < list.count; ++i) {
    if (list.entries[i].executable) return list.entries[i].kernels;
  }
  return nullptr;
}

}  // namespace noggin::runtime
