// NEON with FEAT_DotProd: sdot sums four signed byte products into an int32 lane, exactly and without an offset. Every
// AArch64 core since Cortex-A75, Neoverse N1 and Apple A11; optional from Armv8.2, mandatory from Armv8.4.
#include "kernels/simd/lanes_neon.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {
namespace {

// 5 rows of one panel are 20 registers of sums; weights and one broadcast per row take 9 more of the 32.
constexpr int kBlockRows = 5;
constexpr int kBlockPanels = 1;
constexpr int kInt4Rows = 4;
constexpr std::int32_t kInt4Offset = 0;
constexpr bool kOffsetActivations = false;

using Activations = int8x16_t;
struct Weights {
  int8x16_t a, b, c, d;
};

NOGGIN_LANES std::int32_t word_at(const void* p) {
  std::int32_t word;
  __builtin_memcpy(&word, p, sizeof(word));
  return word;
}
NOGGIN_LANES int8x16_t all_bytes(std::int32_t word) { return vreinterpretq_s8_s32(vdupq_n_s32(word)); }

NOGGIN_LANES Activations load_activations(const std::int8_t* a) { return all_bytes(word_at(a)); }
NOGGIN_LANES Weights load_weights(const std::int8_t* w) {
  return {vld1q_s8(w), vld1q_s8(w + 16), vld1q_s8(w + 32), vld1q_s8(w + 48)};
}
NOGGIN_LANES void accumulate(Ints& sum, const Activations& a, const Weights& w) {
  sum.a = vdotq_s32(sum.a, w.a, a);
  sum.b = vdotq_s32(sum.b, w.b, a);
  sum.c = vdotq_s32(sum.c, w.c, a);
  sum.d = vdotq_s32(sum.d, w.d, a);
}

struct Int4Weights {
  Weights first, second;  // inputs 0..3, inputs 4..7
};
NOGGIN_LANES Int4Weights load_int4(const std::int8_t* p) {
  const Weights w = load_weights(p);
  const auto low = [](int8x16_t bytes) { return vshrq_n_s8(vshlq_n_s8(bytes, 4), 4); };
  const auto high = [](int8x16_t bytes) { return vshrq_n_s8(bytes, 4); };
  return {{low(w.a), low(w.b), low(w.c), low(w.d)}, {high(w.a), high(w.b), high(w.c), high(w.d)}};
}
NOGGIN_LANES std::size_t int4_span(std::size_t group) { return group; }
NOGGIN_LANES std::int32_t int4_start(const std::int8_t*, std::size_t) { return 0; }  // sdot takes q as it is
NOGGIN_LANES void accumulate_int4(Ints& sum, const std::int8_t* a, const Int4Weights& w) {
  accumulate(sum, load_activations(a), w.first);
  accumulate(sum, load_activations(a + 4), w.second);
}
NOGGIN_LANES void add_scaled(Ints& total, Ints sum, Ints steps) {
  total.a = vmlaq_s32(total.a, sum.a, steps.a);
  total.b = vmlaq_s32(total.b, sum.b, steps.b);
  total.c = vmlaq_s32(total.c, sum.c, steps.c);
  total.d = vmlaq_s32(total.d, sum.d, steps.d);
}

using Key = std::int8_t;
constexpr std::size_t kKeyGroup = 4;
NOGGIN_LANES void copy_key_group(const std::int8_t* from, Key* to) { __builtin_memcpy(to, from, kKeyGroup); }

NOGGIN_LANES std::int32_t query_word(const std::int8_t* q, std::size_t count) {
  if (count == kKeyGroup) return word_at(q);
  std::int8_t bytes[kKeyGroup] = {};
  for (std::size_t i = 0; i < count; ++i) bytes[i] = q[i];
  return word_at(bytes);
}
NOGGIN_LANES void accumulate_scores(Ints& sum, std::int32_t query, const Key* keys) {
  accumulate(sum, all_bytes(query), load_weights(keys));
}
NOGGIN_LANES void accumulate_values(Ints& sum, std::int32_t exponents, const std::int8_t* values) {
  accumulate(sum, all_bytes(exponents), load_weights(values));  // exponents are at most 127: signed bytes hold them
}

}  // namespace
}  // namespace noggin::runtime

// after the products
#include "kernels/simd/kernel_table.h"

namespace noggin::runtime {

extern constexpr KernelSet kNeonDotprodKernels = make_kernel_set("neon_dotprod");

}  // namespace noggin::runtime
