// The attention of row_kernels.h: included after row_kernels_body.h, as often, and by the same rules.

// C [m, n] = A [m, k] * B [k, n], n a multiple of kLanes; A's element (i, l) is at i * a_row + l * a_column.
template <std::size_t kRows, std::size_t kBlocks>
NOGGIN_INLINE void product_tile(std::size_t k, const float* a, std::size_t a_row, std::size_t a_column, const float* b,
                                std::size_t b_row, float* c, std::size_t c_row) {
  Floats sums[kRows][kBlocks] = {};
  for (std::size_t l = 0; l < k; ++l) {
    Floats columns[kBlocks];
    for (std::size_t j = 0; j < kBlocks; ++j) columns[j] = load(b + l * b_row + j * kLanes);
    for (std::size_t i = 0; i < kRows; ++i) {
      const float factor = a[i * a_row + l * a_column];
      for (std::size_t j = 0; j < kBlocks; ++j) sums[i][j] += columns[j] * factor;
    }
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kBlocks; ++j) store(sums[i][j], c + i * c_row + j * kLanes);
  }
}
template <std::size_t kBlocks>
NOGGIN_INLINE void product_columns(std::size_t m, std::size_t k, const float* a, std::size_t a_row, std::size_t a_column,
                                   const float* b, std::size_t b_row, float* c, std::size_t c_row) {
  std::size_t i = 0;
  for (; i + 6 <= m; i += 6) product_tile<6, kBlocks>(k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row);
  for (; i < m; ++i) product_tile<1, kBlocks>(k, a + i * a_row, a_row, a_column, b, b_row, c + i * c_row, c_row);
}
NOGGIN_INLINE void product(std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t a_row,
                           std::size_t a_column, const float* b, std::size_t b_row, float* c, std::size_t c_row) {
  std::size_t j = 0;
  for (; j + 4 * kLanes <= n; j += 4 * kLanes) product_columns<4>(m, k, a, a_row, a_column, b + j, b_row, c + j, c_row);
  if (j + 2 * kLanes <= n) {
    product_columns<2>(m, k, a, a_row, a_column, b + j, b_row, c + j, c_row);
    j += 2 * kLanes;
  }
  if (j < n) product_columns<1>(m, k, a, a_row, a_column, b + j, b_row, c + j, c_row);
}

// Rows of one of Q, K, V as floats [T, W], on the grid of `step` when it is not 0.
template <typename Element>
NOGGIN_INLINE void take_rows(const Element* x, std::size_t stride, const HeadShape& shape, float step, float* out) {
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    for (std::size_t w = 0; w < shape.width; w += kLanes) {
      const Floats value = load(x + t * stride + w);
      store(step > 0.0F ? on_grid(value, step) : value, out + t * shape.width + w);
    }
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
NOGGIN_INLINE Floats exponent_on_grid(Floats exponent) {
  return nearest(exponent * spec::kExponentSteps) * (1.0F / spec::kExponentSteps);
}
// One row of scores [padded] -> probabilities, 0 in the padding; what they were divided by, as a factor. exponents: null, or
// where those go before they are put on the grid.
NOGGIN_INLINE float softmax_row(float* row, const HeadShape& shape, float scale, float* exponents) {
  const std::size_t padded = shape.padded_tokens();
  for (std::size_t t = shape.tokens; t < padded; ++t) row[t] = -1e30F;
  Floats top = load(row);
  for (std::size_t t = kLanes; t < padded; t += kLanes) top = larger(top, load(row + t));
  float largest = top[0];
  for (std::size_t i = 1; i < kLanes; ++i) largest = std::max(largest, top[i]);
  Floats total{};
  for (std::size_t t = 0; t < padded; t += kLanes) {
    const Floats difference = (load(row + t) - largest) * scale;
    const Floats exponent = difference < splat(-80.0F) ? splat(0.0F) : exponential(difference);
    if (exponents != nullptr) store(exponent, exponents + t);
    const Floats used = exponents != nullptr ? exponent_on_grid(exponent) : exponent;
    store(used, row + t);
    total += used;
  }
  const float inverse = 1.0F / sum(total);
  for (std::size_t t = 0; t < padded; t += kLanes) store(load(row + t) * inverse, row + t);
  return inverse;
}

template <typename Element>
NOGGIN_INLINE void store_rows(const float* x, const HeadShape& shape, std::size_t stride, Element* out) {
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    for (std::size_t w = 0; w < shape.width; w += kLanes) store(load(x + t * shape.width + w), out + t * stride + w);
  }
}

template <typename Element>
NOGGIN_INLINE void attend_any(const Element* qkv, const HeadShape& shape, const HeadSteps& steps, Element* context,
                              float* kept, float* scratch) {
  const std::size_t T = shape.tokens, W = shape.width, padded = shape.padded_tokens();
  const bool rounded = steps.query > 0.0F;
  float *query = scratch, *key = query + padded * W, *value = key + padded * W, *transposed = value + padded * W;
  float* probabilities = rounded ? transposed + padded * W : kept;
  take_rows(qkv, shape.stride, shape, steps.query, query);
  take_rows(qkv + shape.key, shape.stride, shape, steps.key, key);
  take_rows(qkv + shape.value, shape.stride, shape, steps.value, value);
  transpose(key, shape, transposed);
  product(T, padded, W, query, W, 1, transposed, padded, probabilities, padded);
  const float scale = 1.0F / std::sqrt(static_cast<float>(W));
  for (std::size_t t = 0; t < T; ++t) {
    const float inverse = softmax_row(probabilities + t * padded, shape, scale, rounded ? kept + t * padded : nullptr);
    if (rounded) kept[T * padded + t] = inverse;
  }
  product(T, W, T, probabilities, padded, 1, value, W, key, W);
  store_rows(key, shape, shape.context_stride, context);
}

// Straight through the grid: the gradient passes inside the range; what the step's own gradient adds up is returned.
template <typename Element>
NOGGIN_INLINE double pass_grid(const Element* x, const HeadShape& shape, float step, float* gradient) {
  Floats total{};
  for (std::size_t t = 0; t < shape.tokens; ++t) {
    for (std::size_t w = 0; w < shape.width; w += kLanes) {
      float* g = gradient + t * shape.width + w;
      const Floats position = load(x + t * shape.stride + w) * (1.0F / step);
      const Floats inside = inside_range(position);
      total += load(g) * (grid_of(position) - position * inside);
      store(load(g) * inside, g);
    }
  }
  return sum(total);
}

// P again, from the exponents that the grids keep: the same bits.
NOGGIN_INLINE const float* kept_probabilities(const float* kept, const HeadShape& shape, float* out) {
  const std::size_t T = shape.tokens, padded = shape.padded_tokens();
  for (std::size_t t = 0; t < T; ++t) {
    const float inverse = kept[T * padded + t];
    for (std::size_t j = t * padded; j < (t + 1) * padded; j += kLanes) {
      store(exponent_on_grid(load(kept + j)) * inverse, out + j);
    }
  }
  return out;
}

// dV = P^T dO;  dP = dO V^T;  dS = p * (dP - sum_j P dP) with p the plain exponents' share;  dQ = dS K, dK = dS^T Q.
template <typename Element>
NOGGIN_INLINE void attend_gradients_any(const Element* qkv, const Element* gradient, const HeadShape& shape,
                                        const HeadSteps& steps, const float* kept, Element* qkv_gradient,
                                        HeadStepGradients* step_gradients, float* scratch) {
  const std::size_t T = shape.tokens, W = shape.width, padded = shape.padded_tokens();
  const bool rounded = steps.query > 0.0F;
  float *rows = scratch, *context_gradient = rows + padded * W, *result = context_gradient + padded * W,
        *transposed = result + padded * W, *score_gradient = transposed + padded * W;
  const float* probabilities = kept;
  if (rounded) probabilities = kept_probabilities(kept, shape, score_gradient + padded * padded);
  take_rows(gradient, shape.context_stride, shape, 0.0F, context_gradient);
  const auto emit = [&](std::size_t offset, float step, double* sums) __attribute__((always_inline)) {
    if (rounded) *sums += pass_grid(qkv + offset, shape, step, result);
    store_rows(result, shape, shape.stride, qkv_gradient + offset);
  };
  product(T, W, T, probabilities, 1, padded, context_gradient, W, result, W);
  emit(shape.value, steps.value, &step_gradients->value);
  take_rows(qkv + shape.value, shape.stride, shape, steps.value, rows);
  transpose(rows, shape, transposed);
  product(T, padded, W, context_gradient, W, 1, transposed, padded, score_gradient, padded);
  const float scale = 1.0F / std::sqrt(static_cast<float>(W));
  for (std::size_t t = 0; t < T; ++t) {
    float* row = score_gradient + t * padded;
    const float *probability = probabilities + t * padded, *plain = kept + t * padded;
    const float divided = rounded ? kept[T * padded + t] : 1.0F;
    Floats total{};
    for (std::size_t j = 0; j < padded; j += kLanes) total += load(probability + j) * load(row + j);
    const float mean = sum(total);
    for (std::size_t j = 0; j < padded; j += kLanes) {
      store((load(row + j) - mean) * (load(plain + j) * divided) * scale, row + j);
    }
  }
  take_rows(qkv + shape.key, shape.stride, shape, steps.key, rows);
  product(T, W, T, score_gradient, padded, 1, rows, W, result, W);
  emit(0, steps.query, &step_gradients->query);
  take_rows(qkv, shape.stride, shape, steps.query, rows);
  product(T, W, T, score_gradient, 1, padded, rows, W, result, W);
  emit(shape.key, steps.key, &step_gradients->key);
}

void attend(const float* qkv, const HeadShape& shape, const HeadSteps& steps, float* context, float* kept,
                          float* scratch) {
  attend_any(qkv, shape, steps, context, kept, scratch);
}
void attend(const Bf16* qkv, const HeadShape& shape, const HeadSteps& steps, Bf16* context, float* kept,
                          float* scratch) {
  attend_any(qkv, shape, steps, context, kept, scratch);
}
void attend_gradients(const float* qkv, const float* gradient, const HeadShape& shape, const HeadSteps& steps,
                                    const float* kept, float* qkv_gradient, HeadStepGradients* step_gradients,
                                    float* scratch) {
  attend_gradients_any(qkv, gradient, shape, steps, kept, qkv_gradient, step_gradients, scratch);
}
void attend_gradients(const Bf16* qkv, const Bf16* gradient, const HeadShape& shape, const HeadSteps& steps,
                                    const float* kept, Bf16* qkv_gradient, HeadStepGradients* step_gradients,
                                    float* scratch) {
  attend_gradients_any(qkv, gradient, shape, steps, kept, qkv_gradient, step_gradients, scratch);
}
