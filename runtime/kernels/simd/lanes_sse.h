// What lanes_avx.h and lanes_avx512.h share: single floats and 128-bit rows, the same on every x86-64.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#define NOGGIN_LANES inline __attribute__((always_inline))

namespace noggin::runtime {
namespace {

NOGGIN_LANES float square_root(float x) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))); }

// Four rows of sixteen bytes -> [16][4].
NOGGIN_LANES void interleave(__m128i row0, __m128i row1, __m128i row2, __m128i row3, std::int8_t* to) {
  const __m128i low01 = _mm_unpacklo_epi8(row0, row1), high01 = _mm_unpackhi_epi8(row0, row1);
  const __m128i low23 = _mm_unpacklo_epi8(row2, row3), high23 = _mm_unpackhi_epi8(row2, row3);
  __m128i* out = reinterpret_cast<__m128i*>(to);
  _mm_storeu_si128(out, _mm_unpacklo_epi16(low01, low23));
  _mm_storeu_si128(out + 1, _mm_unpackhi_epi16(low01, low23));
  _mm_storeu_si128(out + 2, _mm_unpacklo_epi16(high01, high23));
  _mm_storeu_si128(out + 3, _mm_unpackhi_epi16(high01, high23));
}
NOGGIN_LANES void interleave(const std::int8_t* const (&rows)[4], std::int8_t* to) {
  const auto row = [&](int i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[i])); };
  interleave(row(0), row(1), row(2), row(3), to);
}

}  // namespace
}  // namespace noggin::runtime
