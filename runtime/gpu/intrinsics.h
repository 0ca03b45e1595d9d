// What a kernel asks of the hardware beyond C++: NVIDIA's instructions on its GPUs, and plain C++ with the same results
// everywhere else. Another GPU adds its branch here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/device.h"

#if !defined(__CUDA_ARCH__)
#include <cstring>
#endif

namespace noggin::gpu {

// Four int8 at a 4-byte boundary.
NOGGIN_DEVICE inline std::int32_t load_word(const std::int8_t* bytes) {
#if defined(__CUDA_ARCH__)
  return *reinterpret_cast<const std::int32_t*>(bytes);
#else
  std::int32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
#endif
}

// sum + the product of four pairs of int8, exact.
NOGGIN_DEVICE inline std::int32_t dot4(std::int32_t a, std::int32_t b, std::int32_t sum) {
#if defined(__CUDA_ARCH__)
  return __dp4a(a, b, sum);
#else
  for (unsigned shift = 0; shift < 32; shift += 8) {
    sum += static_cast<std::int8_t>(a >> shift) * static_cast<std::int8_t>(b >> shift);
  }
  return sum;
#endif
}

// Four of the eight int4 of a word, as int8: the low bits of its bytes, or the high ones.
NOGGIN_DEVICE inline std::int32_t unpack_int4(std::int32_t word, bool high) {
  const std::uint32_t bits = (static_cast<std::uint32_t>(word) >> (high ? 4 : 0)) & 0x0F0F0F0FU;
  return static_cast<std::int32_t>(bits | ((bits & 0x08080808U) * 0x1EU));  // the sign, four times more
}

// 16 rows x 8 outputs += [16, 32] * [32, 8] by the 32 threads of a warp together: mma.m16n8k32 of the PTX ISA, section
// "Warp-level matrix instructions". With g = lane / 4 and t = lane % 4, a thread holds
//   of the first operand    words (four inputs) t and t + 4 of rows g and g + 8:
//                           a_word(lane, 0..3) = (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
//   of the second           words t and t + 4 of output g: b_word(lane, 0..1)
//   of the sums             (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
// Both operands are in shared memory, so without this instruction a thread reads the words that the others would hold:
// the CPU does so in the tests, and older GPUs could.
template <typename FirstWord, typename SecondWord>
NOGGIN_DEVICE void multiply_by_warp(unsigned lane, const FirstWord& a_word, const SecondWord& b_word,
                                    std::int32_t (&sum)[4]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
      : "r"(a_word(lane, 0)), "r"(a_word(lane, 1)), "r"(a_word(lane, 2)), "r"(a_word(lane, 3)), "r"(b_word(lane, 0)),
        "r"(b_word(lane, 1)));
#else
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = lane / 4 + i / 2 * 8, n = lane % 4 * 2 + i % 2;
    for (unsigned k = 0; k < 8; ++k) {  // the thread that holds word k of this row, and of this output
      const std::int32_t a = a_word(row % 8 * 4 + k % 4, row / 8 + k / 4 * 2), b = b_word(n * 4 + k % 4, k / 4);
      sum[i] = dot4(a, b, sum[i]);
    }
  }
#endif
}

}  // namespace noggin::gpu
