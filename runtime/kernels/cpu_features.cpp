#include "kernels/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace noggin::runtime {

#if defined(__x86_64__)
namespace {

struct Leaf {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf leaf(std::uint32_t number, std::uint32_t part) {
  Leaf result;
  __get_cpuid_count(number, part, &result.eax, &result.ebx, &result.ecx, &result.edx);
  return result;  // zeros when the processor has no such leaf
}

bool bit(std::uint32_t word, int position) { return (word >> position & 1U) != 0; }

// XCR0: which register state the operating system saves. Valid only where OSXSAVE is set.
std::uint32_t saved_state() {
  std::uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

CpuFeatures cpu_features() {
  constexpr std::uint32_t kAvxState = 0x6;      // xmm, ymm
  constexpr std::uint32_t kAvx512State = 0xE6;  // and opmask, upper halves of zmm0-15, zmm16-31
  CpuFeatures features;
  const Leaf basic = leaf(1, 0);
  if (!bit(basic.ecx, 27) || (saved_state() & kAvxState) != kAvxState) return features;  // OSXSAVE
  const Leaf extended = leaf(7, 0);
  const bool avx = bit(basic.ecx, 28), fma = bit(basic.ecx, 12);
  features.avx2 = avx && fma && bit(extended.ebx, 5);
  features.avx_vnni = features.avx2 && bit(leaf(7, 1).eax, 4);
  const bool foundation = bit(extended.ebx, 16), dq = bit(extended.ebx, 17), bw = bit(extended.ebx, 30),
             vl = bit(extended.ebx, 31), vnni = bit(extended.ecx, 11);
  features.avx512_vnni =
      features.avx2 && foundation && dq && bw && vl && vnni && (saved_state() & kAvx512State) == kAvx512State;
  return features;
}
#elif defined(__ARM_FEATURE_DOTPROD)
CpuFeatures cpu_features() { return {.neon_dotprod = true}; }  // the whole program needs it, as Apple's do
#elif defined(__aarch64__) && defined(__linux__)
CpuFeatures cpu_features() {
  CpuFeatures features;
  features.neon_dotprod = (::getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
  return features;
}
#else
CpuFeatures cpu_features() { return {}; }
#endif

}  // namespace noggin::runtime
