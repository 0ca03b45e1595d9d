// The functions of the including instruction set as a KernelSet. Include last.
#pragma once

#include "kernels/simd/attention_steps.h"

namespace noggin::runtime {
namespace {

constexpr KernelSet make_kernel_set(const char* name) {
  return {name,       embed_rows,     add_layer_norm_rows, linear_rows, linear_quantized_rows,
          attend_all, mean_pool_rows, quantize_row};
}

}  // namespace
}  // namespace noggin::runtime
