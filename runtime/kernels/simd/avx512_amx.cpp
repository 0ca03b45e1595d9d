// AVX-512 with VNNI and VBMI, and AMX tiles for int8: Intel servers from Sapphire Rapids on.
#include "kernels/simd/lanes_avx512.h"
#include "kernels/simd/simd_sets.h"

namespace noggin::runtime {
namespace {

// For what tiles do not compute: one or two rows.
constexpr int kBlockRows = 2;
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
#include "kernels/simd/amx_attention.h"
#include "kernels/simd/amx_linear.h"
#include "kernels/simd/kernel_table.h"

namespace noggin::runtime {
namespace {

struct TileProducts {
  template <typename Sink>
  NOGGIN_LANES static void multiply(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride,
                                    std::size_t rows, const Sink& sink) {
    multiply_on_tiles(weight, a, a_stride, rows, sink);
  }
  static void attend(const AttentionArguments& arguments) {
    if (arguments.query_count() < kMinTileRows) return attend_all(arguments);
    attend_on_tiles(arguments);
  }
};

}  // namespace

extern constexpr KernelSet kAvx512AmxKernels = make_kernel_set<TileProducts>("avx512_amx");

}  // namespace noggin::runtime
