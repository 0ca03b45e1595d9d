// AVX-512 F/BW/DQ/VL and VNNI: Intel servers from Cascade Lake on, AMD from Zen 4 on.
#include "kernels/simd/lanes_avx512.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {
namespace {

// 24 sums, 4 weights and a broadcast fit 32 registers.
constexpr int kBlockRows = 6;
constexpr int kBlockPanels = 4;
constexpr int kInt4Rows = 10;

NOGGIN_LANES void dot_add(Ints& sum, Ints unsigned_bytes, Ints signed_bytes) {
  sum = _mm512_dpbusd_epi32(sum, unsigned_bytes, signed_bytes);
}
NOGGIN_LANES void dot_add_words(Ints& sum, Ints a, Ints b) { sum = _mm512_dpwssd_epi32(sum, a, b); }

}  // namespace
}  // namespace noggin::runtime

#include "kernels/simd/vnni_products.h"
// after the products
#include "kernels/simd/kernel_table.h"

namespace noggin::runtime {

extern constexpr KernelSet kAvx512VnniKernels = make_kernel_set("avx512_vnni");

}  // namespace noggin::runtime
