// Sixteen lanes in two 256-bit registers: AVX2 only. The same names as lanes_avx512.h.
#pragma once

#include "kernels/simd/lanes_sse.h"

namespace noggin::runtime {
namespace {

struct Floats {
  __m256 low, high;
};
struct Ints {
  __m256i low, high;
};

// All bits set in lanes 0 .. count - 1.
NOGGIN_LANES Ints first_lanes(std::size_t count) {
  const __m256i n = _mm256_set1_epi32(static_cast<int>(count));
  return {_mm256_cmpgt_epi32(n, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
          _mm256_cmpgt_epi32(n, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))};
}

NOGGIN_LANES Floats load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
// The first `count` < 16 lanes from memory, the others +0; nothing beyond them is touched.
NOGGIN_LANES Floats load_part(const float* p, std::size_t count) {
  const Ints mask = first_lanes(count);
  return {_mm256_maskload_ps(p, mask.low), _mm256_maskload_ps(p + 8, mask.high)};
}
NOGGIN_LANES void store(float* p, Floats x) {
  _mm256_storeu_ps(p, x.low);
  _mm256_storeu_ps(p + 8, x.high);
}
NOGGIN_LANES void store_part(float* p, Floats x, std::size_t count) {
  const Ints mask = first_lanes(count);
  _mm256_maskstore_ps(p, mask.low, x.low);
  _mm256_maskstore_ps(p + 8, mask.high, x.high);
}
NOGGIN_LANES Floats all(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
NOGGIN_LANES Floats add(Floats a, Floats b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
NOGGIN_LANES Floats subtract(Floats a, Floats b) {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
NOGGIN_LANES Floats multiply(Floats a, Floats b) {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
NOGGIN_LANES Floats divide(Floats a, Floats b) { return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
// a > b ? a : b and a < b ? a : b; b when either is NaN.
NOGGIN_LANES Floats larger(Floats a, Floats b) { return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
NOGGIN_LANES Floats smaller(Floats a, Floats b) { return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)}; }
NOGGIN_LANES Floats keep(Floats x, std::size_t count) {
  const Ints mask = first_lanes(count);
  return {_mm256_and_ps(x.low, _mm256_castsi256_ps(mask.low)), _mm256_and_ps(x.high, _mm256_castsi256_ps(mask.high))};
}

NOGGIN_LANES Ints load(const std::int32_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 8))};
}
NOGGIN_LANES void store(std::int32_t* p, Ints x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8), x.high);
}
NOGGIN_LANES Ints all(std::int32_t x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
NOGGIN_LANES Ints add(Ints a, Ints b) { return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)}; }
NOGGIN_LANES Ints subtract(Ints a, Ints b) {
  return {_mm256_sub_epi32(a.low, b.low), _mm256_sub_epi32(a.high, b.high)};
}
NOGGIN_LANES Ints multiply(Ints a, Ints b) {
  return {_mm256_mullo_epi32(a.low, b.low), _mm256_mullo_epi32(a.high, b.high)};
}
NOGGIN_LANES Ints bits_of_both(Ints a, Ints b) {
  return {_mm256_and_si256(a.low, b.low), _mm256_and_si256(a.high, b.high)};
}
NOGGIN_LANES Ints shift_right_4(Ints x) { return {_mm256_srli_epi32(x.low, 4), _mm256_srli_epi32(x.high, 4)}; }
NOGGIN_LANES Ints exclusive_or(Ints a, Ints b) {
  return {_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}
// (x ^ flipped) & kept
NOGGIN_LANES Ints flipped_bits(Ints x, Ints flipped, Ints kept) { return bits_of_both(exclusive_or(x, flipped), kept); }
NOGGIN_LANES Ints larger(Ints a, Ints b) { return {_mm256_max_epi32(a.low, b.low), _mm256_max_epi32(a.high, b.high)}; }
NOGGIN_LANES Ints keep(Ints x, std::size_t count) {
  const Ints mask = first_lanes(count);
  return {_mm256_and_si256(x.low, mask.low), _mm256_and_si256(x.high, mask.high)};
}
NOGGIN_LANES Ints widen(const std::int8_t* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return {_mm256_cvtepi8_epi32(bytes), _mm256_cvtepi8_epi32(_mm_unpackhi_epi64(bytes, bytes))};
}
// The low byte of each lane, for lanes in [-128, 127].
NOGGIN_LANES void store_bytes(void* p, Ints x) {
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.low, x.high), 0xD8);
  _mm_storeu_si128(static_cast<__m128i*>(p),
                   _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
// table[q + 128] for lanes in [-128, 127]. One load per lane: a gather is slower on many processors.
NOGGIN_LANES Ints look_up(const std::int8_t* table, Ints q) {
  alignas(16) std::int8_t bytes[16];
  store_bytes(bytes, q);
  for (std::int8_t& byte : bytes) byte = table[byte + 128];
  return widen(bytes);
}

NOGGIN_LANES Floats floats_of(Ints bits) { return {_mm256_castsi256_ps(bits.low), _mm256_castsi256_ps(bits.high)}; }
// Word `which` (0..2) of each of sixteen triples of words.
NOGGIN_LANES Ints load_thirds(const void* triples, int which) {
  alignas(32) std::int32_t words[16];
  for (int i = 0; i < 16; ++i) {
    __builtin_memcpy(&words[i], static_cast<const char*>(triples) + 12 * i + 4 * which, sizeof(words[i]));
  }
  return load(words);
}

NOGGIN_LANES Floats to_float(Ints x) { return {_mm256_cvtepi32_ps(x.low), _mm256_cvtepi32_ps(x.high)}; }
// Ties to even, for lanes inside the int32 range.
NOGGIN_LANES Ints round_half_even(Floats x) { return {_mm256_cvtps_epi32(x.low), _mm256_cvtps_epi32(x.high)}; }

// Sixty-four int8 in order.
struct Bytes {
  __m256i low, high;
};
NOGGIN_LANES void store(std::int8_t* p, Bytes x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), x.high);
}
// spec::quantize_activation of x = value * inverse scale. One clamp is enough: the conversion turns NaN and everything
// too low into INT_MIN, and both packs saturate.
NOGGIN_LANES __m256i round_below_128(__m256 x) {
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_set1_ps(127.0F), x));  // min gives the second operand if it is NaN
}
NOGGIN_LANES __m256i quantize_two(Floats x0, Floats x1) {
  const __m256i first = _mm256_packs_epi32(round_below_128(x0.low), round_below_128(x0.high));
  const __m256i second = _mm256_packs_epi32(round_below_128(x1.low), round_below_128(x1.high));
  // Packs work within each half: every second word of their result belongs to the other half.
  return _mm256_permutevar8x32_epi32(_mm256_packs_epi16(first, second), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}
NOGGIN_LANES Bytes quantize_four(Floats x0, Floats x1, Floats x2, Floats x3) {
  return {quantize_two(x0, x1), quantize_two(x2, x3)};
}

NOGGIN_LANES __m256 power_of_two_of_eight(__m256i n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
}
// 2^n for n in [-126, 127].
NOGGIN_LANES Floats power_of_two(Ints n) { return {power_of_two_of_eight(n.low), power_of_two_of_eight(n.high)}; }

// 16 -> 8: lane i + lane i + 8, and so on: the tree of a row sum.
NOGGIN_LANES float sum_tree(Floats x) {
  const __m256 eight = _mm256_add_ps(x.low, x.high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
NOGGIN_LANES std::int32_t sum(Ints x) {
  const __m256i eight = _mm256_add_epi32(x.low, x.high);
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}
NOGGIN_LANES std::int32_t largest(Ints x) {
  const __m256i eight = _mm256_max_epi32(x.low, x.high);
  const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

}  // namespace
}  // namespace noggin::runtime
