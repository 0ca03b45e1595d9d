// What an x86-64 processor says of itself (cpuid), and what its operating system lets programs use.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>

namespace noggin::x86 {

struct Leaf {
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

inline Leaf leaf(std::uint32_t number, std::uint32_t part) {
  Leaf result;
  __get_cpuid_count(number, part, &result.eax, &result.ebx, &result.ecx, &result.edx);
  return result;  // zeros if the processor has no such leaf
}

inline bool bit(std::uint32_t word, int position) { return (word >> position & 1U) != 0; }

// XCR0: which register state the operating system saves. Valid only if OSXSAVE is set.
inline std::uint32_t saved_state() {
  std::uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

// AVX2 and FMA, and the system saves the 256-bit registers. Asks the processor each time, which a virtual machine may
// make slow.
inline bool has_avx2() {
  constexpr std::uint32_t kAvxState = 0x6;  // xmm, ymm
  const Leaf basic = leaf(1, 0);
  if (!bit(basic.ecx, 27) || (saved_state() & kAvxState) != kAvxState) return false;  // OSXSAVE
  const bool avx = bit(basic.ecx, 28), fma = bit(basic.ecx, 12);
  return avx && fma && bit(leaf(7, 0).ebx, 5);
}

}  // namespace noggin::x86
#endif
