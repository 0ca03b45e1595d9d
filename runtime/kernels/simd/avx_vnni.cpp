// AVX2 and AVX-VNNI: Intel's desktop and mobile processors from Alder Lake on, which have no AVX-512.
#include "kernels/simd/lanes_avx.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {
namespace {

// 4 rows of one panel are 8 registers of sums; weights and a broadcast take 3 more of the 16.
constexpr int kBlockRows = 4;
constexpr int kBlockPanels = 1;
constexpr int kInt4Rows = 4;

NOGGIN_LANES void dot_add(Ints& sum, Ints unsigned_bytes, Ints signed_bytes) {
  sum.low = _mm256_dpbusd_avx_epi32(sum.low, unsigned_bytes.low, signed_bytes.low);
  sum.high = _mm256_dpbusd_avx_epi32(sum.high, unsigned_bytes.high, signed_bytes.high);
}
NOGGIN_LANES void dot_add_words(Ints& sum, Ints a, Ints b) {
  sum.low = _mm256_dpwssd_avx_epi32(sum.low, a.low, b.low);
  sum.high = _mm256_dpwssd_avx_epi32(sum.high, a.high, b.high);
}

}  // namespace
}  // namespace noggin::runtime

#include "kernels/simd/vnni_products.h"
// after the products
#include "kernels/simd/kernel_table.h"

namespace noggin::runtime {

extern constexpr KernelSet kAvxVnniKernels = make_kernel_set("avx_vnni");

}  // namespace noggin::runtime
