// Sixteen lanes in one 512-bit register: AVX-512 F, BW, DQ, VL. The operations that float_steps.h, linear_steps.h and
// attention_steps.h use; lanes_avx.h has the same names over two 256-bit registers.
// Everything is in an unnamed namespace and always inlined: none of it may be linked into other code.
#pragma once

#include "kernels/simd/lanes_sse.h"

namespace noggin::runtime {
namespace {

using Floats = __m512;
using Ints = __m512i;

NOGGIN_LANES __mmask16 first_lanes(std::size_t count) { return static_cast<__mmask16>((1U << count) - 1U); }

NOGGIN_LANES Floats load(const float* p) { return _mm512_loadu_ps(p); }
// The first `count` < 16 lanes from memory, the others +0; nothing beyond them is touched.
NOGGIN_LANES Floats load_part(const float* p, std::size_t count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), p);
}
NOGGIN_LANES void store(float* p, Floats x) { _mm512_storeu_ps(p, x); }
NOGGIN_LANES void store_part(float* p, Floats x, std::size_t count) { _mm512_mask_storeu_ps(p, first_lanes(count), x); }
NOGGIN_LANES Floats all(float x) { return _mm512_set1_ps(x); }
NOGGIN_LANES Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
NOGGIN_LANES Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
NOGGIN_LANES Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
NOGGIN_LANES Floats divide(Floats a, Floats b) { return _mm512_div_ps(a, b); }
// a > b ? a : b and a < b ? a : b; b when either is NaN.
NOGGIN_LANES Floats larger(Floats a, Floats b) { return _mm512_max_ps(a, b); }
NOGGIN_LANES Floats smaller(Floats a, Floats b) { return _mm512_min_ps(a, b); }
NOGGIN_LANES Floats keep(Floats x, std::size_t count) { return _mm512_maskz_mov_ps(first_lanes(count), x); }

NOGGIN_LANES Ints load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
NOGGIN_LANES void store(std::int32_t* p, Ints x) { _mm512_storeu_si512(p, x); }
NOGGIN_LANES Ints all(std::int32_t x) { return _mm512_set1_epi32(x); }
NOGGIN_LANES Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
NOGGIN_LANES Ints subtract(Ints a, Ints b) { return _mm512_sub_epi32(a, b); }
NOGGIN_LANES Ints multiply(Ints a, Ints b) { return _mm512_mullo_epi32(a, b); }
NOGGIN_LANES Ints exclusive_or(Ints a, Ints b) { return _mm512_xor_si512(a, b); }
NOGGIN_LANES Ints bits_of_both(Ints a, Ints b) { return _mm512_and_si512(a, b); }
// (x ^ flipped) & kept
NOGGIN_LANES Ints flipped_bits(Ints x, Ints flipped, Ints kept) {
  return _mm512_ternarylogic_epi32(x, flipped, kept, 0x28);
}
NOGGIN_LANES Ints shift_right_4(Ints x) { return _mm512_srli_epi32(x, 4); }
NOGGIN_LANES Ints larger(Ints a, Ints b) { return _mm512_max_epi32(a, b); }
NOGGIN_LANES Ints keep(Ints x, std::size_t count) { return _mm512_maskz_mov_epi32(first_lanes(count), x); }
NOGGIN_LANES Ints widen(const std::int8_t* p) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
// The low byte of each lane, for lanes in [-128, 127].
NOGGIN_LANES void store_bytes(void* p, Ints x) { _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x)); }
// table[q + 128] for lanes in [-128, 127]. The table is 128 words: word (q + 128) / 2 by two permutations of 64, then
// the byte that the lowest bit selects. 0.16 ns per value; sixteen loads took 0.46.
NOGGIN_LANES Ints look_up(const std::int8_t* table, Ints q) {
  const __m512i index = _mm512_add_epi32(q, _mm512_set1_epi32(128));
  const __m512i word = _mm512_srli_epi32(index, 1);
  const __m512i low = _mm512_permutex2var_epi16(_mm512_loadu_si512(table), word, _mm512_loadu_si512(table + 64));
  const __m512i high =
      _mm512_permutex2var_epi16(_mm512_loadu_si512(table + 128), word, _mm512_loadu_si512(table + 192));
  const __m512i found = _mm512_mask_blend_epi32(_mm512_cmpge_epi32_mask(q, _mm512_setzero_si512()), low, high);
  const __m512i odd = _mm512_and_si512(index, _mm512_set1_epi32(1));
  const __m512i byte = _mm512_srlv_epi32(found, _mm512_slli_epi32(odd, 3));
  return _mm512_srai_epi32(_mm512_slli_epi32(byte, 24), 24);
}

NOGGIN_LANES Floats floats_of(Ints bits) { return _mm512_castsi512_ps(bits); }
// Word `which` (0..2) of each of sixteen triples of words.
NOGGIN_LANES Ints load_thirds(const void* triples, int which) {
  const __m512i lane = _mm512_setr_epi32(0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45);
  const __m512i word = _mm512_add_epi32(lane, _mm512_set1_epi32(which));
  const char* p = static_cast<const char*>(triples);
  const __m512i first = _mm512_permutex2var_epi32(_mm512_loadu_si512(p), word, _mm512_loadu_si512(p + 64));
  const __mmask16 beyond = _mm512_cmpge_epi32_mask(word, _mm512_set1_epi32(32));
  return _mm512_mask_permutexvar_epi32(first, beyond, word, _mm512_loadu_si512(p + 128));
}

NOGGIN_LANES Floats to_float(Ints x) { return _mm512_cvtepi32_ps(x); }
// Ties to even, for lanes inside the int32 range.
NOGGIN_LANES Ints round_half_even(Floats x) { return _mm512_cvtps_epi32(x); }

// Sixty-four int8 in order.
struct Bytes {
  __m512i v;
};
NOGGIN_LANES void store(std::int8_t* p, Bytes x) { _mm512_storeu_si512(p, x.v); }
// spec::quantize_activation of x = value * inverse scale. One clamp is enough: the conversion turns NaN and everything
// too low into INT_MIN, and both packs saturate.
NOGGIN_LANES __m512i round_below_128(Floats x) {
  return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(127.0F), x));  // min gives the second operand if it is NaN
}
NOGGIN_LANES Bytes quantize_four(Floats x0, Floats x1, Floats x2, Floats x3) {
  const __m512i low = _mm512_packs_epi32(round_below_128(x0), round_below_128(x1));
  const __m512i high = _mm512_packs_epi32(round_below_128(x2), round_below_128(x3));
  // Packs work within each quarter: word 4q + i of their result holds lanes 4q.. of x_i.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return {_mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high))};
}
#if defined(__AVX512VBMI__)
// table[q + 128]: the upper half of the table holds q >= 0, and the permutation looks at seven bits only.
NOGGIN_LANES Bytes look_up(const std::int8_t* table, Bytes q) {
  const __m512i negative = _mm512_permutex2var_epi8(_mm512_loadu_si512(table), q.v, _mm512_loadu_si512(table + 64));
  const __m512i positive =
      _mm512_permutex2var_epi8(_mm512_loadu_si512(table + 128), q.v, _mm512_loadu_si512(table + 192));
  return {_mm512_mask_blend_epi8(_mm512_movepi8_mask(q.v), positive, negative)};
}
#else
// Thirty-two lanes of 16 bits in [0, 255]: the table is 128 words; the word by two permutations of 64, then the byte
// that the lowest bit selects.
NOGGIN_LANES __m512i look_up_words(const std::int8_t* table, __m512i index) {
  const __m512i word = _mm512_srli_epi16(index, 1);
  const __m512i low = _mm512_permutex2var_epi16(_mm512_loadu_si512(table), word, _mm512_loadu_si512(table + 64));
  const __m512i high =
      _mm512_permutex2var_epi16(_mm512_loadu_si512(table + 128), word, _mm512_loadu_si512(table + 192));
  const __m512i found = _mm512_mask_blend_epi16(_mm512_cmpge_epi16_mask(index, _mm512_set1_epi16(128)), low, high);
  const __m512i shift = _mm512_slli_epi16(_mm512_and_si512(index, _mm512_set1_epi16(1)), 3);
  return _mm512_srlv_epi16(found, shift);  // the byte, and above it perhaps the other one
}
// table[q + 128].
NOGGIN_LANES Bytes look_up(const std::int8_t* table, Bytes q) {
  const __m512i index = _mm512_xor_si512(q.v, _mm512_set1_epi8(-128));
  const __m512i even = look_up_words(table, _mm512_and_si512(index, _mm512_set1_epi16(255)));
  const __m512i odd = look_up_words(table, _mm512_srli_epi16(index, 8));
  return {_mm512_mask_blend_epi8(0xAAAAAAAAAAAAAAAAU, even, _mm512_slli_epi16(odd, 8))};
}
#endif

// 2^n for n in [-126, 127].
NOGGIN_LANES Floats power_of_two(Ints n) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(n, _mm512_set1_epi32(127)), 23));
}

// 16 -> 8: lane i + lane i + 8, and so on: the tree of a row sum.
NOGGIN_LANES float sum_tree(Floats x) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
NOGGIN_LANES std::int32_t sum(Ints x) {
  const __m256i eight = _mm256_add_epi32(_mm512_castsi512_si256(x), _mm512_extracti32x8_epi32(x, 1));
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}
NOGGIN_LANES std::int32_t largest(Ints x) {
  const __m256i eight = _mm256_max_epi32(_mm512_castsi512_si256(x), _mm512_extracti32x8_epi32(x, 1));
  const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

}  // namespace
}  // namespace noggin::runtime
