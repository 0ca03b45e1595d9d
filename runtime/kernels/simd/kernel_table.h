// The functions of the including instruction set as a KernelSet. Include last.
#pragma once

#include "kernels/simd/attention_steps.h"
#include "kernels/simd/int4_steps.h"

namespace noggin::runtime {
namespace {

// How this set computes the products: linear layers and attention.
struct VectorProducts {
  template <typename Sink>
  NOGGIN_LANES static void multiply(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride,
                                    std::size_t rows, const Sink& sink) {
    multiply_all(weight, a, a_stride, rows, sink);
  }
  static void attend(const AttentionArguments& arguments) { attend_all(arguments); }
};

template <typename Products>
void linear_rows(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                 float* y) {
  const FloatSink sink{y, weight.outputs};
  if (weight.group > 0) return multiply_int4(weight, a, a_stride, rows, sink);
  Products::multiply(weight, a, a_stride, rows, sink);
}

template <typename Products>
void linear_quantized_rows(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                           const float* inverse_scale, const std::int8_t* lookup, std::int8_t* out,
                           std::size_t out_stride) {
  const QuantizedSink sink{inverse_scale, lookup, out, out_stride};
  if (weight.group > 0) return multiply_int4(weight, a, a_stride, rows, sink);
  Products::multiply(weight, a, a_stride, rows, sink);
}

template <typename Products = VectorProducts>
constexpr KernelSet make_kernel_set(const char* name) {
  return {name,
          embed_rows,
          add_layer_norm_rows,
          linear_rows<Products>,
          linear_quantized_rows<Products>,
          Products::attend,
          mean_pool_rows,
          quantize_row};
}

}  // namespace
}  // namespace noggin::runtime
