// The memory-bound steps of training, each as one pass over rows: dropout with the residual sum and LayerNorm, GELU,
// attention over short texts, rounding to bfloat16. LibTorch takes three to six passes for each of them. Plain
// pointers, no LibTorch; fused_steps.h adds gradients.
//
// Widths are multiples of kLanes. Element is float or Bf16; arithmetic is float. Results depend only on the arguments,
// but may differ between processors in the last bits (fused multiply-add).
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin::train {

inline constexpr std::size_t kLanes = 16;

struct Bf16 {
  std::uint16_t bits;  // the upper half of a float
};

void round_to_bf16(const float* x, std::size_t count, Bf16* out);  // to nearest, ties to even
// out = factor * x
void widen_bf16(const Bf16* x, float factor, std::size_t count, float* out);
// out = x * column_factors, rounded; column_sums += x. Rows [begin, end) of [rows, width], any width. column_factors:
// null means ones.
void round_columns(const float* x, const float* column_factors, std::size_t width, std::size_t begin, std::size_t end,
                   Bf16* out, float* column_sums);

// Drops an element with probability threshold / 2^16 and divides the others by the probability of being kept. A hash of
// (seed, index) decides.
struct DropoutRule {
  std::uint32_t seed = 0;
  std::uint32_t threshold = 0;  // 0: keeps everything
  static DropoutRule of(double probability, std::uint64_t seed);
  float scale() const { return 65536.0F / static_cast<float>(65536U - threshold); }
};

// normalized = (h - mean) / sqrt(variance + epsilon) with h = drop_input(x) + residual (may be null), per row;
// out = drop_output(normalized * gamma + beta). Dropout counts rows from first_row.
template <typename Element>
struct AddNormForward {
  const Element* x;       // [rows, D]
  const float* residual;  // [rows, D] or null
  const float *gamma, *beta;
  float epsilon;
  DropoutRule drop_input, drop_output;
  float* normalized;         // [rows, D], for the backward pass
  float* inverse_deviation;  // [rows], likewise
  float* out;                // [rows, D]
  Bf16* rounded_out;         // [rows, D] or null: out in bfloat16
};
void add_norm(const AddNormForward<float>& step, std::size_t width, std::size_t begin, std::size_t end);
void add_norm(const AddNormForward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end);

// Gradients of the same step.
template <typename Element>
struct AddNormBackward {
  const float* gradient;         // [rows, D] of out, or null
  const Bf16* rounded_gradient;  // [rows, D] of rounded_out, or null
  const float* gamma;
  DropoutRule drop_input, drop_output;
  const float* normalized;
  const float* inverse_deviation;
  Element* x_gradient;       // [rows, D]
  float* residual_gradient;  // [rows, D] or null
};
// The sums over these rows are added to gamma_gradient and beta_gradient [D].
void add_norm_gradients(const AddNormBackward<float>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient);
void add_norm_gradients(const AddNormBackward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient);

// x * Phi(x); erf by Abramowitz and Stegun 7.1.26, off by at most 1.5e-7. In-place is allowed.
void gelu(const float* x, std::size_t count, float* out);
void gelu(const Bf16* x, std::size_t count, Bf16* out);
void gelu_gradient(const float* x, const float* gradient, std::size_t count, float* out);
void gelu_gradient(const Bf16* x, const Bf16* gradient, std::size_t count, Bf16* out);

// --- on the int8 grid of `scale` (spec/quant.h), for train/compress ---

// A value on a grid with its rounding error, in fractions of a step: what is kept for the backward pass. The step is
// recovered exactly, the error to within half a part. Values outside the range are recovered just outside it, at its
// end.
using QuantizedPosition = std::int16_t;
inline constexpr float kPositionParts = 256.0F;

// Straight-through gradients: out = gradient inside the range, else 0. Returns the sum of
// gradient * (rounded position - position if inside), from which LSQ derives the step's gradient. In-place is allowed.
double fake_quantize_gradient(const float* x, float scale, const float* gradient, std::size_t count, float* out);
double fake_quantize_gradient(const float* x, float scale, const Bf16* gradient, std::size_t count, float* out);

// GELU from grid to grid: out = table[x on the grid of `scale`, from 0], with the table of spec::fill_gelu_table.
// Stores the positions of x for the backward pass.
void quantized_gelu(const float* x, float scale, const std::int8_t* table, std::size_t count,
                    QuantizedPosition* positions, std::int8_t* out);
// Its gradients, rows [begin, end) of [rows, width], any width. out = x's gradient * column_factors; column_sums += x's
// gradient; sums += what fake_quantize_gradient returns, for both grids.
template <typename Element>
struct QuantizedGeluBackward {
  const QuantizedPosition* positions;  // [rows, width]
  const Element* gradient;             // [rows, width] of the hidden values, straight through their grid
  float scale, hidden_scale;
  const float* column_factors;  // [width]
};
struct QuantizedGeluSums {
  double before = 0.0, hidden = 0.0;
};
void quantized_gelu_gradients(const QuantizedGeluBackward<float>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, float* out, float* column_sums, QuantizedGeluSums* sums);
void quantized_gelu_gradients(const QuantizedGeluBackward<Bf16>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, Bf16* out, float* column_sums, QuantizedGeluSums* sums);

// spec::quantize_weight of each element, to the bit; and the largest magnitude, which sets a row's step.
void quantize_weights(const float* x, std::size_t count, float inverse_scale, std::int8_t* out);
float largest_magnitude(const float* x, std::size_t count);
// spec::quantize_weight(x, 1 / scale) * scale of each.
void fake_quantize_weights(const float* x, float scale, std::size_t count, float* out);
// Rows of int8, `stride` bytes apart, as dense bfloat16: exact.
void widen_int8(const std::int8_t* x, std::size_t stride, std::size_t rows, std::size_t width, Bf16* out);

// Self-attention of one text and one head, W a multiple of kLanes.
// qkv rows [T, stride]: this head's Q at 0, K at key, V at value.
struct HeadShape {
  std::size_t tokens, width;       // T, W
  std::size_t stride, key, value;  // elements, in rows of qkv
  std::size_t context_stride;
  std::size_t padded_tokens() const { return (tokens + kLanes - 1) / kLanes * kLanes; }
  std::size_t saved_floats() const { return tokens * padded_tokens(); }
  std::size_t saved_floats_quantized() const { return saved_floats() + tokens; }
  std::size_t scratch_floats() const { return padded_tokens() * (4 * width + 2 * padded_tokens()); }
};
// `saved` [saved_floats], for the backward pass: P [T, padded(T)].
void attend(const float* qkv, const HeadShape& shape, float* context, float* saved, float* scratch);
void attend(const Bf16* qkv, const HeadShape& shape, Bf16* context, float* saved, float* scratch);
void attend_gradients(const float* qkv, const float* gradient, const HeadShape& shape, const float* saved,
                      float* qkv_gradient, float* scratch);
void attend_gradients(const Bf16* qkv, const Bf16* gradient, const HeadShape& shape, const float* saved,
                      Bf16* qkv_gradient, float* scratch);

// The same on int8 grids, for train/compress: Q, K, V and the context on the grids of these scales, exp(score - max) on
// the grid of the device.
struct HeadScales {
  float query, key, value, context;
};
// context rows [T, context_stride] int8. For the backward pass: positions [4, T, W] of Q, K, V and the context; `saved`
// [saved_floats_quantized]: exp(score - max) before rounding, [T, padded(T)], then the normalizing factor of each row
// [T].
void attend_quantized(const float* qkv, const HeadShape& shape, const HeadScales& scales, std::int8_t* context,
                      QuantizedPosition* positions, float* saved, float* scratch);
template <typename Element>
struct AttendQuantizedBackward {
  const QuantizedPosition* positions;
  const float* saved;
  HeadScales scales;
  const Element* gradient;      // rows [T, context_stride], of the rounded context
  const float* column_factors;  // laid out as a row of qkv; the results are multiplied by them
  Element* qkv_gradient;        // rows [T, stride]
  float* column_sums;           // laid out as a row of qkv; the results before that product are added
};
// The return values of fake_quantize_gradient for each grid are added.
struct HeadScaleGradients {
  double query = 0.0, key = 0.0, value = 0.0, context = 0.0;
};
void attend_quantized_gradients(const AttendQuantizedBackward<float>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch);
void attend_quantized_gradients(const AttendQuantizedBackward<Bf16>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch);

}  // namespace noggin::train
