// clang-format off
// Every kernel of row_kernels.h, once: KERNEL(result, name, (parameters), (arguments)).
#pragma once

#define NOGGIN_TRAIN_KERNELS(KERNEL) \
  KERNEL(void, round_to_bf16, (const float* x, std::size_t count, Bf16* out), (x, count, out)) \
  KERNEL(void, widen_bf16, (const Bf16* x, float factor, std::size_t count, float* out), (x, factor, count, out)) \
  KERNEL(void, round_columns, (const float* x, const float* column_factors, std::size_t width, std::size_t begin, \
         std::size_t end, Bf16* out, float* column_sums), (x, column_factors, width, begin, end, out, \
         column_sums)) \
  KERNEL(void, add_norm, (const AddNormForward<float>& step, std::size_t width, std::size_t begin, std::size_t \
         end), (step, width, begin, end)) \
  KERNEL(void, add_norm, (const AddNormForward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t \
         end), (step, width, begin, end)) \
  KERNEL(void, add_norm_gradients, (const AddNormBackward<float>& step, std::size_t width, std::size_t begin, \
         std::size_t end, float* gamma_gradient, float* beta_gradient), (step, width, begin, end, \
         gamma_gradient, beta_gradient)) \
  KERNEL(void, add_norm_gradients, (const AddNormBackward<Bf16>& step, std::size_t width, std::size_t begin, \
         std::size_t end, float* gamma_gradient, float* beta_gradient), (step, width, begin, end, \
         gamma_gradient, beta_gradient)) \
  KERNEL(void, gelu, (const float* x, std::size_t count, float* out), (x, count, out)) \
  KERNEL(void, gelu, (const Bf16* x, std::size_t count, Bf16* out), (x, count, out)) \
  KERNEL(void, gelu_gradient, (const float* x, const float* gradient, std::size_t count, float* out), (x, \
         gradient, count, out)) \
  KERNEL(void, gelu_gradient, (const Bf16* x, const Bf16* gradient, std::size_t count, Bf16* out), (x, gradient, \
         count, out)) \
  KERNEL(double, fake_quantize_gradient, (const float* x, float scale, const float* gradient, std::size_t count, \
         float* out), (x, scale, gradient, count, out)) \
  KERNEL(double, fake_quantize_gradient, (const float* x, float scale, const Bf16* gradient, std::size_t count, \
         float* out), (x, scale, gradient, count, out)) \
  KERNEL(void, quantized_gelu, (const float* x, float scale, const std::int8_t* table, std::size_t count, \
         QuantizedPosition* positions, std::int8_t* out), (x, scale, table, count, positions, out)) \
  KERNEL(void, quantized_gelu_gradients, (const QuantizedGeluBackward<float>& backward, std::size_t width, \
         std::size_t begin, std::size_t end, float* out, float* column_sums, QuantizedGeluSums* sums), \
         (backward, width, begin, end, out, column_sums, sums)) \
  KERNEL(void, quantized_gelu_gradients, (const QuantizedGeluBackward<Bf16>& backward, std::size_t width, \
         std::size_t begin, std::size_t end, Bf16* out, float* column_sums, QuantizedGeluSums* sums), (backward, \
         width, begin, end, out, column_sums, sums)) \
  KERNEL(void, quantize_weights, (const float* x, std::size_t count, float inverse_scale, std::int8_t* out), (x, \
         count, inverse_scale, out)) \
  KERNEL(void, fake_quantize_weights, (const float* x, float scale, std::size_t count, float* out), (x, scale, \
         count, out)) \
  KERNEL(float, largest_magnitude, (const float* x, std::size_t count), (x, count)) \
  KERNEL(void, widen_int8, (const std::int8_t* x, std::size_t stride, std::size_t rows, std::size_t width, Bf16* \
         out), (x, stride, rows, width, out)) \
  KERNEL(void, attend, (const float* qkv, const HeadShape& shape, float* context, float* saved, float* scratch), \
         (qkv, shape, context, saved, scratch)) \
  KERNEL(void, attend, (const Bf16* qkv, const HeadShape& shape, Bf16* context, float* saved, float* scratch), \
         (qkv, shape, context, saved, scratch)) \
  KERNEL(void, attend_gradients, (const float* qkv, const float* gradient, const HeadShape& shape, const float* \
         saved, float* qkv_gradient, float* scratch), (qkv, gradient, shape, saved, qkv_gradient, scratch)) \
  KERNEL(void, attend_gradients, (const Bf16* qkv, const Bf16* gradient, const HeadShape& shape, const float* \
         saved, Bf16* qkv_gradient, float* scratch), (qkv, gradient, shape, saved, qkv_gradient, scratch)) \
  KERNEL(void, attend_quantized, (const float* qkv, const HeadShape& shape, const HeadScales& scales, std::int8_t* \
         context, QuantizedPosition* positions, float* saved, float* scratch), (qkv, shape, scales, context, \
         positions, saved, scratch)) \
  KERNEL(void, attend_quantized_gradients, (const AttendQuantizedBackward<float>& backward, const HeadShape& \
         shape, HeadScaleGradients* scale_gradients, float* scratch), (backward, shape, scale_gradients, \
         scratch)) \
  KERNEL(void, attend_quantized_gradients, (const AttendQuantizedBackward<Bf16>& backward, const HeadShape& shape, \
         HeadScaleGradients* scale_gradients, float* scratch), (backward, shape, scale_gradients, scratch))
// clang-format on
