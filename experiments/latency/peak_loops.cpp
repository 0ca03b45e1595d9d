#include "experiments/latency/peak_loops.h"

#if defined(__x86_64__)

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace noggin::latency {
namespace {

// INSTRUCTION on registers 0..11, each its own chain; 14 and 15 are read only.
#define NOGGIN_CHAIN(instruction, size, to) instruction " %%" size "14, %%" size "15, %%" size to "\n\t"
#define NOGGIN_CHAIN_ON_ITSELF(instruction, size, to) instruction " %%" size "15, %%" size to ", %%" size to "\n\t"
#define NOGGIN_TWELVE(chain, first, second, size)                                                       \
  chain(first, size, "0") chain(second, size, "1") chain(first, size, "2") chain(second, size, "3")     \
      chain(first, size, "4") chain(second, size, "5") chain(first, size, "6") chain(second, size, "7") \
          chain(first, size, "8") chain(second, size, "9") chain(first, size, "10") chain(second, size, "11")
#define NOGGIN_VECTOR_REGISTERS                                                                                       \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", \
      "xmm14", "xmm15", "memory"

constexpr double kChains = 12;

// 1 in every element: what lay in the registers before could be subnormal, which some units compute a hundred times as
// slowly. Sums of ones and products with one stay ordinary numbers.
#define NOGGIN_ONE(size, to) "vbroadcastss %0, %%" size to "\n\t"
#define NOGGIN_FILL(size)                                                                                             \
  const float one = 1.0F;                                                                                             \
  asm volatile(NOGGIN_ONE(size, "0") NOGGIN_ONE(size, "1") NOGGIN_ONE(size, "2") NOGGIN_ONE(size, "3") NOGGIN_ONE(    \
                   size, "4") NOGGIN_ONE(size, "5") NOGGIN_ONE(size, "6") NOGGIN_ONE(size, "7") NOGGIN_ONE(size, "8") \
                   NOGGIN_ONE(size, "9") NOGGIN_ONE(size, "10") NOGGIN_ONE(size, "11") NOGGIN_ONE(size, "12")         \
                       NOGGIN_ONE(size, "13") NOGGIN_ONE(size, "14") NOGGIN_ONE(size, "15")::"m"(one)                 \
               : NOGGIN_VECTOR_REGISTERS)

#define NOGGIN_LOOP(name, chain, first, second, size)                                     \
  void name(std::size_t repeats) {                                                        \
    NOGGIN_FILL(size);                                                                    \
    for (std::size_t i = 0; i < repeats; ++i) {                                           \
      asm volatile(NOGGIN_TWELVE(chain, first, second, size)::: NOGGIN_VECTOR_REGISTERS); \
    }                                                                                     \
    asm volatile("vzeroupper" ::: NOGGIN_VECTOR_REGISTERS);                               \
  }

NOGGIN_LOOP(dot_zmm, NOGGIN_CHAIN, "vpdpbusd", "vpdpbusd", "zmm")
NOGGIN_LOOP(dot_ymm, NOGGIN_CHAIN, "%{vex%} vpdpbusd", "%{vex%} vpdpbusd", "ymm")
NOGGIN_LOOP(float_zmm, NOGGIN_CHAIN_ON_ITSELF, "vaddps", "vmulps", "zmm")
NOGGIN_LOOP(float_ymm, NOGGIN_CHAIN_ON_ITSELF, "vaddps", "vmulps", "ymm")
NOGGIN_LOOP(divide_zmm, NOGGIN_CHAIN_ON_ITSELF, "vdivps", "vdivps", "zmm")
NOGGIN_LOOP(divide_ymm, NOGGIN_CHAIN_ON_ITSELF, "vdivps", "vdivps", "ymm")

// Without a dot product instruction a product of bytes is three: multiply pairs into 16 bits, widen, add.
void pairs_ymm(std::size_t repeats) {
#define NOGGIN_PAIRS(to, between)                     \
  "vpmaddubsw %%ymm14, %%ymm15, %%ymm" between        \
  "\n\t"                                              \
  "vpmaddwd %%ymm" between ", %%ymm15, %%ymm" between \
  "\n\t"                                              \
  "vpaddd %%ymm" between ", %%ymm" to ", %%ymm" to "\n\t"
  for (std::size_t i = 0; i < repeats; ++i) {
    asm volatile(NOGGIN_PAIRS("0", "6") NOGGIN_PAIRS("1", "7") NOGGIN_PAIRS("2", "8") NOGGIN_PAIRS("3", "9")
                     NOGGIN_PAIRS("4", "10") NOGGIN_PAIRS("5", "11")::
                         : NOGGIN_VECTOR_REGISTERS);
  }
  asm volatile("vzeroupper" ::: NOGGIN_VECTOR_REGISTERS);
#undef NOGGIN_PAIRS
}

// The layout that ldtilecfg reads (Intel SDM, LDTILECFG). All eight tiles whole: 16 rows of 64 bytes.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Linux gives a process tile registers when it asks (arch_prctl(2), ARCH_REQ_XCOMP_PERM).
bool ask_for_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

void tiles(std::size_t repeats) {
  const TileConfiguration configuration;
  asm volatile("ldtilecfg %0" ::"m"(configuration));
  for (std::size_t i = 0; i < repeats; ++i) {
    asm volatile(
        "tdpbusd %%tmm5, %%tmm4, %%tmm0\n\t"
        "tdpbusd %%tmm7, %%tmm4, %%tmm1\n\t"
        "tdpbusd %%tmm5, %%tmm6, %%tmm2\n\t"
        "tdpbusd %%tmm7, %%tmm6, %%tmm3\n\t" ::
            : "memory");
  }
  asm volatile("tilerelease" ::: "memory");
}

constexpr PeakLoop kFloatZmm{float_zmm, kChains * 16}, kDivideZmm{divide_zmm, kChains * 16};
constexpr PeakLoop kFloatYmm{float_ymm, kChains * 8}, kDivideYmm{divide_ymm, kChains * 8};

}  // namespace

std::optional<PeakLoops> peak_loops(const std::string& kernel_set) {
  if (kernel_set == "avx512_amx" && ask_for_tiles()) {
    return PeakLoops{"tdpbusd", {tiles, 4.0 * 16 * 16 * 64}, kFloatZmm, kDivideZmm};
  }
  if (kernel_set == "avx512_vnni") return PeakLoops{"vpdpbusd zmm", {dot_zmm, kChains * 64}, kFloatZmm, kDivideZmm};
  if (kernel_set == "avx_vnni") return PeakLoops{"vpdpbusd ymm", {dot_ymm, kChains * 32}, kFloatYmm, kDivideYmm};
  if (kernel_set == "avx2") return PeakLoops{"vpmaddubsw ymm", {pairs_ymm, 6.0 * 32}, kFloatYmm, kDivideYmm};
  return std::nullopt;
}

}  // namespace noggin::latency

#else

namespace noggin::latency {

std::optional<PeakLoops> peak_loops(const std::string&) { return std::nullopt; }

}  // namespace noggin::latency

#endif
