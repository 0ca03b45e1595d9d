#include "train/kernels/row_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "spec/quant.h"

#define NOGGIN_INLINE inline __attribute__((always_inline))

// Sanitizer builds contain only the baseline.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NOGGIN_LEVELS 1
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4,prefer-vector-width=512")
namespace noggin::train::x86_64_v4 {
#include "train/kernels/attention_kernels_body.h"
#include "train/kernels/fake_quantize_kernels_body.h"
#include "train/kernels/row_kernels_body.h"
}  // namespace noggin::train::x86_64_v4
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace noggin::train::x86_64_v3 {
#include "train/kernels/attention_kernels_body.h"
#include "train/kernels/fake_quantize_kernels_body.h"
#include "train/kernels/row_kernels_body.h"
}  // namespace noggin::train::x86_64_v3
#pragma GCC pop_options
#endif
namespace noggin::train::baseline {
#include "train/kernels/attention_kernels_body.h"
#include "train/kernels/fake_quantize_kernels_body.h"
#include "train/kernels/row_kernels_body.h"
}  // namespace noggin::train::baseline

namespace noggin::train {
namespace {

#ifdef NOGGIN_LEVELS
const int kLevel = __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
#define NOGGIN_BEST(call) (kLevel == 4 ? x86_64_v4::call : kLevel == 3 ? x86_64_v3::call : baseline::call)
#else
#define NOGGIN_BEST(call) baseline::call
#endif

}  // namespace

DropoutRule DropoutRule::of(double probability, std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed ^ (seed >> 32)), static_cast<std::uint32_t>(probability * 65536.0 + 0.5)};
}

void round_to_bf16(const float* x, std::size_t count, Bf16* out) { return NOGGIN_BEST(round_to_bf16(x, count, out)); }
void widen_bf16(const Bf16* x, float factor, std::size_t count, float* out) {
  return NOGGIN_BEST(widen_bf16(x, factor, count, out));
}
void round_columns(const float* x, const float* column_factors, std::size_t width, std::size_t begin, std::size_t end,
                   Bf16* out, float* column_sums) {
  return NOGGIN_BEST(round_columns(x, column_factors, width, begin, end, out, column_sums));
}
void add_norm(const AddNormForward<float>& step, std::size_t width, std::size_t begin, std::size_t end) {
  return NOGGIN_BEST(add_norm(step, width, begin, end));
}
void add_norm(const AddNormForward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end) {
  return NOGGIN_BEST(add_norm(step, width, begin, end));
}
void add_norm_gradients(const AddNormBackward<float>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient) {
  return NOGGIN_BEST(add_norm_gradients(step, width, begin, end, gamma_gradient, beta_gradient));
}
void add_norm_gradients(const AddNormBackward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient) {
  return NOGGIN_BEST(add_norm_gradients(step, width, begin, end, gamma_gradient, beta_gradient));
}
void gelu(const float* x, std::size_t count, float* out) { return NOGGIN_BEST(gelu(x, count, out)); }
void gelu(const Bf16* x, std::size_t count, Bf16* out) { return NOGGIN_BEST(gelu(x, count, out)); }
void gelu_gradient(const float* x, const float* gradient, std::size_t count, float* out) {
  return NOGGIN_BEST(gelu_gradient(x, gradient, count, out));
}
void gelu_gradient(const Bf16* x, const Bf16* gradient, std::size_t count, Bf16* out) {
  return NOGGIN_BEST(gelu_gradient(x, gradient, count, out));
}
double fake_quantize_gradient(const float* x, float scale, const float* gradient, std::size_t count, float* out) {
  return NOGGIN_BEST(fake_quantize_gradient(x, scale, gradient, count, out));
}
double fake_quantize_gradient(const float* x, float scale, const Bf16* gradient, std::size_t count, float* out) {
  return NOGGIN_BEST(fake_quantize_gradient(x, scale, gradient, count, out));
}
void quantized_gelu(const float* x, float scale, const std::int8_t* table, std::size_t count,
                    QuantizedPosition* positions, std::int8_t* out) {
  return NOGGIN_BEST(quantized_gelu(x, scale, table, count, positions, out));
}
void quantized_gelu_gradients(const QuantizedGeluBackward<float>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, float* out, float* column_sums, QuantizedGeluSums* sums) {
  return NOGGIN_BEST(quantized_gelu_gradients(backward, width, begin, end, out, column_sums, sums));
}
void quantized_gelu_gradients(const QuantizedGeluBackward<Bf16>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, Bf16* out, float* column_sums, QuantizedGeluSums* sums) {
  return NOGGIN_BEST(quantized_gelu_gradients(backward, width, begin, end, out, column_sums, sums));
}
void quantize_weights(const float* x, std::size_t count, float inverse_scale, std::int8_t* out) {
  return NOGGIN_BEST(quantize_weights(x, count, inverse_scale, out));
}
void fake_quantize_weights(const float* x, float scale, std::size_t count, float* out) {
  return NOGGIN_BEST(fake_quantize_weights(x, scale, count, out));
}
float largest_magnitude(const float* x, std::size_t count) { return NOGGIN_BEST(largest_magnitude(x, count)); }
void widen_int8(const std::int8_t* x, std::size_t stride, std::size_t rows, std::size_t width, Bf16* out) {
  return NOGGIN_BEST(widen_int8(x, stride, rows, width, out));
}
void attend(const float* qkv, const HeadShape& shape, float* context, float* saved, float* scratch) {
  return NOGGIN_BEST(attend(qkv, shape, context, saved, scratch));
}
void attend(const Bf16* qkv, const HeadShape& shape, Bf16* context, float* saved, float* scratch) {
  return NOGGIN_BEST(attend(qkv, shape, context, saved, scratch));
}
void attend_gradients(const float* qkv, const float* gradient, const HeadShape& shape, const float* saved,
                      float* qkv_gradient, float* scratch) {
  return NOGGIN_BEST(attend_gradients(qkv, gradient, shape, saved, qkv_gradient, scratch));
}
void attend_gradients(const Bf16* qkv, const Bf16* gradient, const HeadShape& shape, const float* saved,
                      Bf16* qkv_gradient, float* scratch) {
  return NOGGIN_BEST(attend_gradients(qkv, gradient, shape, saved, qkv_gradient, scratch));
}
void attend_quantized(const float* qkv, const HeadShape& shape, const HeadScales& scales, std::int8_t* context,
                      QuantizedPosition* positions, float* saved, float* scratch) {
  return NOGGIN_BEST(attend_quantized(qkv, shape, scales, context, positions, saved, scratch));
}
void attend_quantized_gradients(const AttendQuantizedBackward<float>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch) {
  return NOGGIN_BEST(attend_quantized_gradients(backward, shape, scale_gradients, scratch));
}
void attend_quantized_gradients(const AttendQuantizedBackward<Bf16>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch) {
  return NOGGIN_BEST(attend_quantized_gradients(backward, shape, scale_gradients, scratch));
}

}  // namespace noggin::train
