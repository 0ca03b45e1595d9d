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
