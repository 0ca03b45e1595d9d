// AVX2: any x86-64 processor since 2013 (Intel Haswell, AMD Excavator).
//
// There is no byte product without saturation, so: |a| * sign(a)w in pairs into 16 bits (vpmaddubsw), which is exact
// because 2 * 128 * 127 = 32512 < 32767 (weights are never -128), then pairs of those into 32 bits. Attention's queries
// and keys may both be -128, so they use 16-bit products.
#include "kernels/simd/lanes_avx.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {
namespace {

// 4 rows of one panel are 8 registers of sums; weights, a broadcast, its magnitude, ones and a product take 6 more.
constexpr int kBlockRows = 4;
constexpr int kBlockPanels = 1;
constexpr int kInt4Rows = 4;
constexpr std::int32_t kInt4Offset = 0;
constexpr bool kOffsetActivations = false;

struct Activations {
  __m256i value, magnitude;
};
using Weights = Ints;

NOGGIN_LANES std::int32_t word_at(const void* p) {
  std::int32_t word;
  __builtin_memcpy(&word, p, sizeof(word));
  return word;
}

// 16 unsigned times signed byte products, four to a lane; the pair sums must fit into 16 bits.
NOGGIN_LANES __m256i dot_add(__m256i sum, __m256i unsigned_bytes, __m256i signed_bytes) {
  const __m256i pairs = _mm256_maddubs_epi16(unsigned_bytes, signed_bytes);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

NOGGIN_LANES Activations load_activations(const std::int8_t* a) {
  const __m256i value = _mm256_set1_epi32(word_at(a));
  return {value, _mm256_abs_epi8(value)};  // |-128| is 128 as an unsigned byte
}
NOGGIN_LANES Weights load_weights(const std::int8_t* w) { return load(reinterpret_cast<const std::int32_t*>(w)); }
NOGGIN_LANES void accumulate(Ints& sum, const Activations& a, const Weights& w) {
  sum.low = dot_add(sum.low, a.magnitude, _mm256_sign_epi8(w.low, a.value));
  sum.high = dot_add(sum.high, a.magnitude, _mm256_sign_epi8(w.high, a.value));
}

// int4 weights as q + 8, which is unsigned, times the activations as they are: neither magnitudes nor signs. Pairs of
// 32 inputs are summed in 16 bits: they wrap around, but what remains after the start has taken 8 * sum(a) away is at
// most 16 * 8 * 128 = 2^14, and the product of a pair, 2 * 15 * 128, never saturates.
struct Int4Weights {
  Weights first, second;  // inputs 0..3, inputs 4..7
};
NOGGIN_LANES Int4Weights load_int4(const std::int8_t* w) {
  const Ints low = all(0x0F0F0F0F);
  const Ints biased = exclusive_or(load_weights(w), all(static_cast<std::int32_t>(0x88888888U)));
  return {bits_of_both(biased, low), bits_of_both(shift_right_4(biased), low)};
}
NOGGIN_LANES std::size_t int4_span(std::size_t) { return 32; }
// Of 32 inputs: -8 times the sum of the first two of every four in the low half, of the last two in the high half.
NOGGIN_LANES std::int32_t int4_start(const std::int8_t* a, std::size_t) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
  const __m128i four = _mm_add_epi16(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  const __m128i two = _mm_add_epi16(four, _mm_shuffle_epi32(four, 0x4E));
  const __m128i one = _mm_add_epi16(two, _mm_shuffle_epi32(two, 0xB1));
  return _mm_cvtsi128_si32(_mm_sub_epi16(_mm_setzero_si128(), _mm_slli_epi16(one, 3)));
}
NOGGIN_LANES void accumulate_pairs(Ints& sum, __m256i a, const Weights& w) {
  sum.low = _mm256_add_epi16(sum.low, _mm256_maddubs_epi16(w.low, a));
  sum.high = _mm256_add_epi16(sum.high, _mm256_maddubs_epi16(w.high, a));
}
NOGGIN_LANES void accumulate_int4(Ints& sum, const std::int8_t* a, const Int4Weights& w) {
  accumulate_pairs(sum, _mm256_set1_epi32(word_at(a)), w.first);
  accumulate_pairs(sum, _mm256_set1_epi32(word_at(a + 4)), w.second);
}
// Both halves of a lane times the step, which is positive and so in the lower half of its lane.
NOGGIN_LANES void add_scaled(Ints& total, Ints sum, Ints steps) {
  const auto twice = [](__m256i step) { return _mm256_or_si256(step, _mm256_slli_epi32(step, 16)); };
  total.low = _mm256_add_epi32(total.low, _mm256_madd_epi16(sum.low, twice(steps.low)));
  total.high = _mm256_add_epi32(total.high, _mm256_madd_epi16(sum.high, twice(steps.high)));
}

using Key = std::int16_t;
constexpr std::size_t kKeyGroup = 2;
NOGGIN_LANES void copy_key_group(const std::int8_t* from, Key* to) {
  to[0] = from[0];
  to[1] = from[1];
}

NOGGIN_LANES std::int32_t query_word(const std::int8_t* q, std::size_t count) {
  std::int16_t pair[kKeyGroup] = {q[0], 0};
  if (count == kKeyGroup) pair[1] = q[1];
  return word_at(pair);
}
NOGGIN_LANES void accumulate_scores(Ints& sum, std::int32_t query, const Key* keys) {
  const Ints pairs = load(reinterpret_cast<const std::int32_t*>(keys));
  const __m256i q = _mm256_set1_epi32(query);
  sum.low = _mm256_add_epi32(sum.low, _mm256_madd_epi16(pairs.low, q));
  sum.high = _mm256_add_epi32(sum.high, _mm256_madd_epi16(pairs.high, q));
}
// Exponents are at most 127 and values at least -128: 2 * 127 * 128 = 32512 as well.
NOGGIN_LANES void accumulate_values(Ints& sum, std::int32_t exponents, const std::int8_t* values) {
  const Weights w = load_weights(values);
  const __m256i e = _mm256_set1_epi32(exponents);
  sum.low = dot_add(sum.low, e, w.low);
  sum.high = dot_add(sum.high, e, w.high);
}

}  // namespace
}  // namespace noggin::runtime

// after the products
#include "kernels/simd/kernel_table.h"

namespace noggin::runtime {

extern constexpr KernelSet kAvx2Kernels = make_kernel_set("avx2");

}  // namespace noggin::runtime
