// The steps on int8 grids of row_kernels.h. Included after each inclusion of row_kernels_body.h, by the same rules.

NOGGIN_INLINE Floats round_clamped(Floats position) {
  return nearest(smaller(larger(position, splat(spec::kActivationLow)), splat(spec::kActivationHigh)));
}
NOGGIN_INLINE Floats inside_range(Floats position) {
  const Floats above = position > splat(spec::kActivationLow) ? splat(1.0F) : splat(0.0F);
  return position < splat(spec::kActivationHigh) ? above : splat(0.0F);
}

// The sum is taken in float over runs of 4,096 elements, in double over runs.
template <typename Element>
NOGGIN_INLINE double fake_quantize_gradient_any(const float* x, float scale, const Element* gradient, std::size_t count,
                                                float* out) {
  constexpr std::size_t kRun = 4096;
  const float inverse = 1.0F / scale;
  double total = 0.0;
  for (std::size_t begin = 0; begin < count; begin += kRun) {
    Floats sums{};
    const auto pass = [&](Floats value, Floats g) __attribute__((always_inline)) {
      const Floats position = value * inverse, rounded = round_clamped(position), inside = inside_range(position);
      sums += g * (rounded - position * inside);
      return g * inside;
    };
    const std::size_t end = std::min(count, begin + kRun);
    std::size_t i = begin;
    for (; i + kFloats <= end; i += kFloats) store(pass(load(x + i), load(gradient + i)), out + i);
    if (i < end) {
      float values[kFloats] = {}, results[kFloats];
      Element gradients[kFloats] = {};
      std::copy(x + i, x + end, values);
      std::copy(gradient + i, gradient + end, gradients);
      store(pass(load(values), load(gradients)), results);
      std::copy(results, results + (end - i), out + i);
    }
    total += double{sum(sums)};
  }
  return total;
}

double fake_quantize_gradient(const float* x, float scale, const float* gradient, std::size_t count, float* out) {
  return fake_quantize_gradient_any(x, scale, gradient, count, out);
}
double fake_quantize_gradient(const float* x, float scale, const Bf16* gradient, std::size_t count, float* out) {
  return fake_quantize_gradient_any(x, scale, gradient, count, out);
}
// QuantizedPosition: the integer in the upper bits, the rounding error below. 127 parts at most, so that the integer
// comes back exactly.
NOGGIN_INLINE void store(Floats position, Floats rounded, QuantizedPosition* out) {
  constexpr float kMaxError = kPositionParts / 2.0F - 1.0F;
  const Floats error = smaller(larger((position - rounded) * kPositionParts, splat(-kMaxError)), splat(kMaxError));
  const Floats parts = larger(nearest(rounded * kPositionParts + error), splat(spec::kActivationLow * kPositionParts));
  const auto stored = __builtin_convertvector(__builtin_convertvector(parts, Integers), Shorts);
  std::memcpy(out, &stored, sizeof stored);
}
NOGGIN_INLINE Floats load(const QuantizedPosition* p) {
  Shorts stored;
  std::memcpy(&stored, p, sizeof stored);
  return __builtin_convertvector(stored, Floats) * (1.0F / kPositionParts);
}

void quantized_gelu(const float* x, float scale, const std::int8_t* table, std::size_t count,
                    QuantizedPosition* positions, std::int8_t* out) {
  const float inverse = 1.0F / scale;
  const auto pass = [&](const float* from, QuantizedPosition* stored, std::int8_t* to) __attribute__((always_inline)) {
    const Floats position = load(from) * inverse, rounded = round_clamped(position);
    store(position, rounded, stored);
    const Integers entries = __builtin_convertvector(rounded - spec::kActivationLow, Integers);
    for (std::size_t i = 0; i < kFloats; ++i) to[i] = table[entries[i]];
  };
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) pass(x + i, positions + i, out + i);
  if (i == count) return;
  float rest[kFloats] = {};
  QuantizedPosition stored[kFloats];
  std::int8_t found[kFloats];
  std::copy(x + i, x + count, rest);
  pass(rest, stored, found);
  std::copy(stored, stored + (count - i), positions + i);
  std::copy(found, found + (count - i), out + i);
}

template <typename Element>
NOGGIN_INLINE void quantized_gelu_gradient_rows(const QuantizedGeluBackward<Element>& backward, std::size_t width,
                                                std::size_t begin, std::size_t end, Element* out, float* column_sums,
                                                QuantizedGeluSums* sums) {
  const float to_hidden = 1.0F / backward.hidden_scale;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t at = row * width;
    Floats hidden_sum{}, sum_before{};
    const auto pass = [&](const QuantizedPosition* stored, const Element* gradient, const float* factors, Element* to,
                          float* columns) __attribute__((always_inline)) {
      const Floats position = load(stored), rounded = nearest(position), value = rounded * backward.scale;
      const Gauss gauss_at = gauss(value);
      const Floats hidden = value * gauss_at.cdf * to_hidden, hidden_inside = inside_range(hidden);
      const Floats before = inside_range(position);
      Floats g = load(gradient);
      hidden_sum += g * (round_clamped(hidden) - hidden * hidden_inside);
      g *= hidden_inside * (gauss_at.cdf + value * gauss_at.density * 0.39894228F);
      sum_before += g * (rounded - position * before);
      g *= before;
      store(load(columns) + g, columns);
      store(g * load(factors), to);
    };
    std::size_t i = 0;
    for (; i + kFloats <= width; i += kFloats) {
      pass(backward.positions + at + i, backward.gradient + at + i, backward.column_factors + i, out + at + i,
           column_sums + i);
    }
    if (i < width) {
      const std::size_t left = width - i;
      QuantizedPosition stored[kFloats] = {};
      Element gradient[kFloats] = {}, results[kFloats];
      float factors[kFloats] = {}, columns[kFloats] = {};
      std::copy_n(backward.positions + at + i, left, stored);
      std::copy_n(backward.gradient + at + i, left, gradient);
      std::copy_n(backward.column_factors + i, left, factors);
      std::copy_n(column_sums + i, left, columns);
      pass(stored, gradient, factors, results, columns);
      std::copy_n(results, left, out + at + i);
      std::copy_n(columns, left, column_sums + i);
    }
    sums->hidden += double{sum(hidden_sum)};
    sums->before += double{sum(sum_before)};
  }
}
void quantized_gelu_gradients(const QuantizedGeluBackward<float>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, float* out, float* column_sums, QuantizedGeluSums* sums) {
  quantized_gelu_gradient_rows(backward, width, begin, end, out, column_sums, sums);
}
void quantized_gelu_gradients(const QuantizedGeluBackward<Bf16>& backward, std::size_t width, std::size_t begin,
                              std::size_t end, Bf16* out, float* column_sums, QuantizedGeluSums* sums) {
  quantized_gelu_gradient_rows(backward, width, begin, end, out, column_sums, sums);
}

// The clamp between product and rounding keeps a fused multiply-add from changing the bits. NaN gives the limit.
NOGGIN_INLINE Floats round_clamped_weight(Floats x, float inverse_scale) {
  return nearest(smaller(larger(x * inverse_scale, splat(-spec::kWeightLimit)), splat(spec::kWeightLimit)));
}
void fake_quantize_weights(const float* x, float scale, std::size_t count, float* out) {
  const float inverse = 1.0F / scale;
  map(
      x, x, count, out, [ scale, inverse ](Floats v, Floats) __attribute__((always_inline)) {
        return round_clamped_weight(v, inverse) * scale;
      });
}
void quantize_weights(const float* x, std::size_t count, float inverse_scale, std::int8_t* out) {
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) {
    const Floats value = round_clamped_weight(load(x + i), inverse_scale);
    const auto bytes = __builtin_convertvector(__builtin_convertvector(value, Integers), Bytes);
    std::memcpy(out + i, &bytes, sizeof bytes);
  }
  for (; i < count; ++i) out[i] = spec::quantize_weight(x[i], inverse_scale);
}
float largest_magnitude(const float* x, std::size_t count) {
  Floats top{};
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) {
    const Floats value = load(x + i);
    top = larger(larger(value, -value), top);
  }
  float largest = 0.0F;
  for (std::size_t lane = 0; lane < kFloats; ++lane) largest = std::max(largest, top[lane]);
  for (; i < count; ++i) largest = std::abs(x[i]) > largest ? std::abs(x[i]) : largest;
  return largest;
}
void widen_int8(const std::int8_t* x, std::size_t stride, std::size_t rows, std::size_t width, Bf16* out) {
  for (std::size_t row = 0; row < rows; ++row, x += stride, out += width) {
    for (std::size_t i = 0; i < width; ++i) {
      const auto value = static_cast<float>(x[i]);
      std::uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      out[i].bits = static_cast<std::uint16_t>(bits >> 16);
    }
  }
}
