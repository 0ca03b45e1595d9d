#include "kernels/cpu_features.h"

#if defined(__x86_64__)
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cstdint>

#include "bytes/x86_features.h"
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace noggin::runtime {

#if defined(__x86_64__)
namespace {

using x86::bit;
using x86::leaf;
using x86::saved_state;

// Tile data is 8 KiB of register state that Linux (since 5.16) gives a process only on request.
bool tiles_granted() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // its bit in XCR0
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

CpuFeatures cpu_features() {
  constexpr std::uint32_t kAvx512State = 0xE6;   // and opmask, upper halves of zmm0-15, zmm16-31
  constexpr std::uint32_t kTileState = 0x60000;  // tile shapes and tile data
  CpuFeatures features;
  features.avx2 = x86::has_avx2();
  if (!features.avx2) return features;
  const x86::Leaf extended = leaf(7, 0);
  features.avx_vnni = bit(leaf(7, 1).eax, 4);
  const bool foundation = bit(extended.ebx, 16), dq = bit(extended.ebx, 17), bw = bit(extended.ebx, 30),
             vl = bit(extended.ebx, 31), vnni = bit(extended.ecx, 11);
  features.avx512_vnni = foundation && dq && bw && vl && vnni && (saved_state() & kAvx512State) == kAvx512State;
  const bool vbmi = bit(extended.ecx, 1), tiles = bit(extended.edx, 24), int8_tiles = bit(extended.edx, 25);
  features.avx512_amx = features.avx512_vnni && vbmi && tiles && int8_tiles &&
                        (saved_state() & kTileState) == kTileState && tiles_granted();
  return features;
}
#elif defined(__ARM_FEATURE_DOTPROD)
CpuFeatures cpu_features() { return {.neon_dotprod = true}; }  // the whole program is compiled for it, as on Apple's
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
