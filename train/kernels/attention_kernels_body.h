// The attention of row_kernels.h. Included after each inclusion of row_kernels_body.h, by the same rules.

// C [m, n] = A [m, k] * B [k, n], n a multiple of kLanes; A's element (i, l) is at i * a_row + l * a_column. Each
// element is summed in the order of l, whatever the tile.
template <std::size_t kRows, std::size_t kRegisters>
NOGGIN_INLINE void product_tile(std::size_t k, const float* a, std::size_t a_row, std::size_t a_column, const float* b,
                                std::size_t b_row, float* c, std::size_t c_row) {
  Floats sums[kRows][kRegisters] = {};
  for (std::size_t l = 0; l < k; ++l) {
    Floats columns[kRegisters];
    for (std::size_t j = 0; j < kRegisters; ++j) columns[j] = load(b + l * b_row + j * kFloats);
    for (std::size_t i = 0; i < kRows; ++i) {
      const float factor = a[i * a_row + l * a_column];
      for (std::size_t j = 0; j < kRegisters; ++j) sums[i][j] += columns[j] * factor;
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kRegisters; ++j) store(sums[i][j], c + i * c_row + j * kFloats);
  }
}
template <std::size_t kRegisters>
NOGGIN_INLINE void product_columns(std::size_t m, std::size_t k, const float* a, std::size_t a_row,
                                   std::size_t a_column, const float* b, std::size_t b_row, float* c,
                                   std::size_t c_row) {
  std::size_t i = 0;
  for (; i + kTileRows <= m; i += kTileRows)
    product_tile<kTileRows, kRegisters>(k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row);
  for (; i < m; ++i) product_tile<1, kRegisters>(k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row);
}
// The widest tile whose sums the registers hold, halved for what it leaves.
template <std::size_t kRegisters = kTileRegisters>
NOGGIN_INLINE void product(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t a_row,
                           std::size_t a_column, const float* b, std::size_t b_row, float* c, std::size_t c_row) {
  constexpr std::size_t kColumns = kRegisters * kFloats;
  std::size_t j = 0;
  for (; j + kColumns <= n; j += kColumns)
    product_columns<kRegisters>(m, k, a, a_row, a_column, b + j, b_row, c + j, c_row);
  if constexpr (kColumns > kLanes) {
    if (j < n) product<kRegisters / 2>(m, n - j, k, a, a_row, a_column, b + j, b_row, c + j, c_row);
  }
}

// Rows of one head as floats [T, W].
template <typename Element>
NOGGIN_INLINE void take_rows(const Element* x, std::size_t stride, const HeadShape& shape, float* out) {
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    for (std::size_t w = 0; w < shape.width; w += kFloats) store(load(x + t * stride + w), out + t * shape.width + w);
  }
}
// [T, W] -> [W, padded(T)], padding 0
NOGGIN_INLINE void transpose(const float* x, const HeadShape& shape, float* out) {
  const std::size_t padded = shape.padded_tokens();
  for (std::size_t w = 0; w < shape.width; ++w) {
    for (std::size_t t = 0; t < shape.tokens; ++t) out[w * padded + t] = x[t * shape.width + w];
    for (std::size_t t = shape.tokens; t < padded; ++t) out[w * padded + t] = 0.0F;
  }
}

// exp(score - max) on the int8 grid of the runtime's integer attention.
NOGGIN_INLINE Floats fake_quantize_exponent(Floats exponent) {
  return nearest(exponent * spec::kExponentSteps) * (1.0F / spec::kExponentSteps);
}
// One row of scores [padded] -> probabilities, 0 in the padding. Returns the normalizing factor. exponents: null, or
// where the exponents are stored before they are put on the grid.
NOGGIN_INLINE float softmax_row(float* row, const HeadShape& shape, float scale, float* exponents) {
  const std::size_t padded = shape.padded_tokens();
  for (std::size_t t = shape.tokens; t < padded; ++t) row[t] = -1e30F;
  Floats top = load(row);
  for (std::size_t t = kFloats; t < padded; t += kFloats) top = larger(top, load(row + t));
  float largest = top[0];
  for (std::size_t i = 1; i < kFloats; ++i) largest = std::max(largest, top[i]);
  Floats total{};
  for (std::size_t t = 0; t < padded; t += kFloats) {
    const Floats difference = (load(row + t) - largest) * scale;
    const Floats exponent = difference < splat(-80.0F) ? splat(0.0F) : exponential(difference);
    if (exponents != nullptr) store(exponent, exponents + t);
    const Floats used = exponents != nullptr ? fake_quantize_exponent(exponent) : exponent;
    store(used, row + t);
    total += used;
  }
  const float inverse = 1.0F / sum(total);
  for (std::size_t t = 0; t < padded; t += kFloats) store(load(row + t) * inverse, row + t);
  return inverse;
}

template <typename Element>
NOGGIN_INLINE void store_rows(const float* x, const HeadShape& shape, std::size_t stride, Element* out) {
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    for (std::size_t w = 0; w < shape.width; w += kFloats) store(load(x + t * shape.width + w), out + t * stride + w);
  }
}

// Q, K, V [T, W] -> context [T, W]; `saved` is laid out as for attend() or attend_quantized(). transposed and
// probabilities are scratch.
NOGGIN_INLINE void attend_rows(const float* query, const float* key, const float* value, const HeadShape& shape,
                               bool quantized, float* transposed, float* probabilities, float* saved, float* context) {
  const std::size_t T = shape.tokens, W = shape.width, padded = shape.padded_tokens();
  transpose(key, shape, transposed);
  product(T, padded, W, query, W, 1, transposed, padded, probabilities, padded);
  const float scale = 1.0F / std::sqrt(static_cast<float>(W));
  for (std::size_t t = 0; t < T; ++t) {
    const float inverse =
        softmax_row(probabilities + t * padded, shape, scale, quantized ? saved + t * padded : nullptr);
    if (quantized) saved[T * padded + t] = inverse;
  }
  product(T, W, T, probabilities, padded, 1, value, W, context, W);
}

template <typename Element>
NOGGIN_INLINE void attend_any(const Element* qkv, const HeadShape& shape, Element* context, float* saved,
                              float* scratch) {
  const std::size_t size = shape.padded_tokens() * shape.width;
  float *query = scratch, *key = query + size, *value = key + size, *transposed = value + size;
  take_rows(qkv, shape.stride, shape, query);
  take_rows(qkv + shape.key, shape.stride, shape, key);
  take_rows(qkv + shape.value, shape.stride, shape, value);
  attend_rows(query, key, value, shape, false, transposed, saved, saved, key);
  store_rows(key, shape, shape.context_stride, context);
}

// Rows [T, W] of floats onto the grid of `scale`, in place; and their positions [T, W].
NOGGIN_INLINE void fake_quantize_rows(float* x, const HeadShape& shape, float scale, QuantizedPosition* positions) {
  const float inverse = 1.0F / scale;
  for (std::size_t i = 0; i < shape.tokens * shape.width; i += kFloats) {
    const Floats position = load(x + i) * inverse, rounded = round_clamped(position);
    store(position, rounded, positions + i);
    store(rounded * scale, x + i);
  }
}

void attend_quantized(const float* qkv, const HeadShape& shape, const HeadScales& scales, std::int8_t* context,
                      QuantizedPosition* positions, float* saved, float* scratch) {
  const std::size_t T = shape.tokens, W = shape.width, size = shape.padded_tokens() * W;
  float *query = scratch, *key = query + size, *value = key + size, *transposed = value + size,
        *probabilities = transposed + size;
  take_rows(qkv, shape.stride, shape, query);
  take_rows(qkv + shape.key, shape.stride, shape, key);
  take_rows(qkv + shape.value, shape.stride, shape, value);
  fake_quantize_rows(query, shape, scales.query, positions);
  fake_quantize_rows(key, shape, scales.key, positions + T * W);
  fake_quantize_rows(value, shape, scales.value, positions + 2 * T * W);
  attend_rows(query, key, value, shape, true, transposed, probabilities, saved, key);
  const float inverse = 1.0F / scales.context;
  QuantizedPosition* at = positions + 3 * T * W;
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t w = 0; w < W; w += kFloats, at += kFloats) {
      const Floats position = load(key + t * W + w) * inverse, rounded = round_clamped(position);
      store(position, rounded, at);
      const auto bytes = __builtin_convertvector(__builtin_convertvector(rounded, Integers), Bytes);
      std::memcpy(context + t * shape.context_stride + w, &bytes, sizeof bytes);
    }
  }
}

// Recomputes P from the exponents kept for the grids: the same bits.
NOGGIN_INLINE const float* saved_probabilities(const float* saved, const HeadShape& shape, float* out) {
  const std::size_t T = shape.tokens, padded = shape.padded_tokens();
  for (std::size_t t = 0; t < T; ++t) {
    const float inverse = saved[T * padded + t];
    for (std::size_t j = t * padded; j < (t + 1) * padded; j += kFloats) {
      store(fake_quantize_exponent(load(saved + j)) * inverse, out + j);
    }
  }
  return out;
}

enum class Part { kQuery, kKey, kValue };

// dV = P^T dO;  dP = dO V^T;  dS = p * (dP - sum_j P dP) with p from the unrounded exponents;  dQ = dS K, dK = dS^T Q.
// take(part, out) writes the rows of Q, K or V, [T, W] floats; emit(part, gradient [T, W]) receives each result once.
template <bool kQuantized, typename Take, typename Emit>
NOGGIN_INLINE void attend_row_gradients(const float* context_gradient, const HeadShape& shape, const float* saved,
                                        float* scratch, const Take& take, const Emit& emit) {
  const std::size_t T = shape.tokens, W = shape.width, padded = shape.padded_tokens();
  float *rows = scratch, *result = rows + padded * W, *transposed = result + padded * W,
        *score_gradient = transposed + padded * W;
  const float* probabilities = saved;
  if (kQuantized) probabilities = saved_probabilities(saved, shape, score_gradient + padded * padded);
  product(T, W, T, probabilities, 1, padded, context_gradient, W, result, W);
  emit(Part::kValue, result);
  take(Part::kValue, rows);
  transpose(rows, shape, transposed);
  product(T, padded, W, context_gradient, W, 1, transposed, padded, score_gradient, padded);
  const float scale = 1.0F / std::sqrt(static_cast<float>(W));
  for (std::size_t t = 0; t < T; ++t) {
    float* row = score_gradient + t * padded;
    const float *probability = probabilities + t * padded, *plain = saved + t * padded;
    const float divided = kQuantized ? saved[T * padded + t] : 1.0F;
    Floats total{};
    for (std::size_t j = 0; j < padded; j += kFloats) total += load(probability + j) * load(row + j);
    const float mean = sum(total);
    for (std::size_t j = 0; j < padded; j += kFloats) {
      store((load(row + j) - mean) * (load(plain + j) * divided) * scale, row + j);
    }
  }
  take(Part::kKey, rows);
  product(T, W, T, score_gradient, padded, 1, rows, W, result, W);
  emit(Part::kQuery, result);
  take(Part::kQuery, rows);
  product(T, W, T, score_gradient, 1, padded, rows, W, result, W);
  emit(Part::kKey, result);
}

template <typename Element>
NOGGIN_INLINE void attend_gradients_any(const Element* qkv, const Element* gradient, const HeadShape& shape,
                                        const float* saved, Element* qkv_gradient, float* scratch) {
  const auto offset = [&](Part part) {
    return part == Part::kQuery ? 0 : part == Part::kKey ? shape.key : shape.value;
  };
  take_rows(gradient, shape.context_stride, shape, scratch);
  attend_row_gradients<false>(
      scratch, shape, saved, scratch + shape.padded_tokens() * shape.width,
      [&](Part part, float* out)
          __attribute__((always_inline)) { take_rows(qkv + offset(part), shape.stride, shape, out); },
      [&](Part part, const float* result)
          __attribute__((always_inline)) { store_rows(result, shape, shape.stride, qkv_gradient + offset(part)); });
}

template <typename Element>
NOGGIN_INLINE void attend_quantized_gradients_any(const AttendQuantizedBackward<Element>& backward,
                                                  const HeadShape& shape, HeadScaleGradients* scale_gradients,
                                                  float* scratch) {
  const std::size_t T = shape.tokens, W = shape.width;
  Floats context_sum{};
  const QuantizedPosition* at = backward.positions + 3 * T * W;
  for (std::size_t t = 0; t < T; ++t) {
    for (std::size_t w = 0; w < W; w += kFloats, at += kFloats) {
      const Floats position = load(at), inside = inside_range(position);
      const Floats g = load(backward.gradient + t * shape.context_stride + w);
      context_sum += g * (nearest(position) - position * inside);
      store(g * inside, scratch + t * W + w);
    }
  }
  scale_gradients->context += double{sum(context_sum)};
  const auto take = [&](Part part, float* out) __attribute__((always_inline)) {
    const float scale = part == Part::kQuery ? backward.scales.query
                        : part == Part::kKey ? backward.scales.key
                                             : backward.scales.value;
    const QuantizedPosition* from = backward.positions + static_cast<std::size_t>(part) * T * W;
    for (std::size_t i = 0; i < T * W; i += kFloats) store(nearest(load(from + i)) * scale, out + i);
  };
  const auto emit = [&](Part part, const float* result) __attribute__((always_inline)) {
    const std::size_t offset = part == Part::kQuery ? 0 : part == Part::kKey ? shape.key : shape.value;
    const QuantizedPosition* from = backward.positions + static_cast<std::size_t>(part) * T * W;
    Floats total{};
    for (std::size_t w = 0; w < W; w += kFloats) {
      Floats columns = load(backward.column_sums + offset + w);
      const Floats factors = load(backward.column_factors + offset + w);
      for (std::size_t t = 0; t < T; ++t) {
        const Floats position = load(from + t * W + w), inside = inside_range(position);
        Floats g = load(result + t * W + w);
        total += g * (nearest(position) - position * inside);
        g *= inside;
        columns += g;
        store(g * factors, backward.qkv_gradient + t * shape.stride + offset + w);
      }
      store(columns, backward.column_sums + offset + w);
    }
    double& sums = part == Part::kQuery ? scale_gradients->query
                   : part == Part::kKey ? scale_gradients->key
                                        : scale_gradients->value;
    sums += double{sum(total)};
  };
  attend_row_gradients<true>(scratch, shape, backward.saved, scratch + shape.padded_tokens() * W, take, emit);
}

void attend(const float* qkv, const HeadShape& shape, float* context, float* saved, float* scratch) {
  attend_any(qkv, shape, context, saved, scratch);
}
void attend(const Bf16* qkv, const HeadShape& shape, Bf16* context, float* saved, float* scratch) {
  attend_any(qkv, shape, context, saved, scratch);
}
void attend_gradients(const float* qkv, const float* gradient, const HeadShape& shape, const float* saved,
                      float* qkv_gradient, float* scratch) {
  attend_gradients_any(qkv, gradient, shape, saved, qkv_gradient, scratch);
}
void attend_gradients(const Bf16* qkv, const Bf16* gradient, const HeadShape& shape, const float* saved,
                      Bf16* qkv_gradient, float* scratch) {
  attend_gradients_any(qkv, gradient, shape, saved, qkv_gradient, scratch);
}
void attend_quantized_gradients(const AttendQuantizedBackward<float>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch) {
  attend_quantized_gradients_any(backward, shape, scale_gradients, scratch);
}
void attend_quantized_gradients(const AttendQuantizedBackward<Bf16>& backward, const HeadShape& shape,
                                HeadScaleGradients* scale_gradients, float* scratch) {
  attend_quantized_gradients_any(backward, shape, scale_gradients, scratch);
}
