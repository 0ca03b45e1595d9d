// The code of row_kernels.h. level_body.h includes it once per level, under the `#pragma GCC target` of that file and
// in its own namespace, which has kFloats: how many floats a register of that set holds. Vectors are of that size, for
// the compiler keeps longer ones in memory. (Function clones do not work: the compiler lowers their vectors to scalars
// before it knows the instruction set.)
//
// No include guard, and nothing may be included here.

typedef float Floats __attribute__((vector_size(4 * kFloats)));
typedef float UnalignedFloats __attribute__((vector_size(4 * kFloats), aligned(4), may_alias));
typedef std::uint32_t Words __attribute__((vector_size(4 * kFloats)));
typedef std::int32_t Integers __attribute__((vector_size(4 * kFloats)));
typedef std::uint16_t Halves __attribute__((vector_size(2 * kFloats)));
typedef std::int16_t Shorts __attribute__((vector_size(2 * kFloats)));
typedef std::int8_t Bytes __attribute__((vector_size(kFloats)));

NOGGIN_INLINE Floats splat(float value) { return Floats{} + value; }
NOGGIN_INLINE Floats load(const float* p) { return *reinterpret_cast<const UnalignedFloats*>(p); }
NOGGIN_INLINE Floats load(const Bf16* p) {
  Halves halves;
  std::memcpy(&halves, p, sizeof halves);
  return reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}
NOGGIN_INLINE void store(Floats v, float* p) { *reinterpret_cast<UnalignedFloats*>(p) = v; }
NOGGIN_INLINE void store(Floats v, Bf16* p) {
  const Words bits = reinterpret_cast<Words>(v);
  const Words rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
  const Halves halves = __builtin_convertvector(rounded, Halves);
  std::memcpy(p, &halves, sizeof halves);
}
NOGGIN_INLINE float sum(Floats v) {
  for (std::size_t half = kFloats / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) v[i] += v[i + half];
  }
  return v[0];
}
NOGGIN_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }
NOGGIN_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
// Rounds to the nearest integer, ties to even; |x| below 2^22.
NOGGIN_INLINE Floats nearest(Floats x) {
  const Floats shift = splat(12582912.0F);  // 1.5 * 2^23
  return (x + shift) - shift;
}

// exp(x) for x <= 88: 2^n * p(r), a polynomial of degree 6 (Taylor) on |r| <= ln(2) / 2; relative error 2e-7.
NOGGIN_INLINE Floats exponential(Floats x) {
  x = larger(x, splat(-87.0F));
  const Floats n = nearest(x * 1.44269504F);
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats p = splat(1.0F / 720);
  for (const float c : {1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F}) p = p * r + c;
  const Integers bits = (__builtin_convertvector(n, Integers) + 127) << 23;
  return p * reinterpret_cast<Floats>(bits);
}

// Phi(x) and exp(-x^2 / 2)
struct Gauss {
  Floats cdf, density;
};
NOGGIN_INLINE Gauss gauss(Floats x) {
  const Floats magnitude = larger(x, -x) * 0.70710678F;
  const Floats t = splat(1.0F) / (splat(1.0F) + magnitude * 0.3275911F);
  Floats p = splat(1.061405429F);
  for (const float c : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F}) p = p * t + c;
  const Floats density = exponential(x * x * -0.5F);
  const Floats tail = p * t * density * 0.5F;  // Phi(-|x|)
  return {x > splat(0.0F) ? splat(1.0F) - tail : tail, density};
}

// 1 / (1 - p) or 0 for the elements from number `first` on, a multiple of kFloats: the same at every level, whose
// registers hold parts of a block of kLanes elements. Hash: MurmurHash3's finalizer.
NOGGIN_INLINE Floats keep_scale(const DropoutRule& rule, std::size_t first) {
  constexpr std::uint32_t kNumbers[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const std::uint64_t block = first / kLanes;
  const auto start = static_cast<std::uint32_t>((block >> 1) * kLanes + first % kLanes);  // a hash serves two elements
  Words h;
  std::memcpy(&h, kNumbers, sizeof h);
  h = (h + start) * 0x9E3779B9U ^ rule.seed;
  h ^= h >> 16;
  h *= 0x85EBCA6BU;
  h ^= h >> 13;
  h *= 0xC2B2AE35U;
  h ^= h >> 16;
  const Words half = (block & 1U) != 0 ? h >> 16 : h & 0xFFFFU;
  return half >= Words{} + rule.threshold ? splat(rule.scale()) : splat(0.0F);
}

template <typename Element>
NOGGIN_INLINE void add_norm_rows(const AddNormForward<Element>& step, std::size_t width, std::size_t begin,
                                 std::size_t end) {
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t at = row * width;
    float* h = step.normalized + at;
    Floats total{};
    for (std::size_t d = 0; d < width; d += kFloats) {
      Floats value = load(step.x + at + d);
      if (step.drop_input.threshold != 0) value *= keep_scale(step.drop_input, at + d);
      if (step.residual != nullptr) value += load(step.residual + at + d);
      store(value, h + d);
      total += value;
    }
    const float mean = sum(total) / static_cast<float>(width);
    Floats squares{};
    for (std::size_t d = 0; d < width; d += kFloats) {
      const Floats centred = load(h + d) - mean;
      squares += centred * centred;
    }
    const float inverse = 1.0F / std::sqrt(sum(squares) / static_cast<float>(width) + step.epsilon);
    step.inverse_deviation[row] = inverse;
    for (std::size_t d = 0; d < width; d += kFloats) {
      const Floats normalized = (load(h + d) - mean) * inverse;
      store(normalized, h + d);
      Floats out = normalized * load(step.gamma + d) + load(step.beta + d);
      if (step.drop_output.threshold != 0) out *= keep_scale(step.drop_output, at + d);
      store(out, step.out + at + d);
      if (step.rounded_out != nullptr) store(out, step.rounded_out + at + d);
    }
  }
}

// With g the gradient of `normalized`: dh = (g - mean(g) - normalized * mean(g * normalized)) / deviation.
template <typename Element>
NOGGIN_INLINE void add_norm_gradient_rows(const AddNormBackward<Element>& step, std::size_t width, std::size_t begin,
                                          std::size_t end, float* gamma_gradient, float* beta_gradient) {
  const auto out_gradient = [&](std::size_t at) __attribute__((always_inline)) {
    Floats g = step.gradient != nullptr ? load(step.gradient + at) : Floats{};
    if (step.rounded_gradient != nullptr) g += load(step.rounded_gradient + at);
    if (step.drop_output.threshold != 0) g *= keep_scale(step.drop_output, at);
    return g;
  };
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t at = row * width;
    const float* normalized = step.normalized + at;
    Floats total{}, product{};
    for (std::size_t d = 0; d < width; d += kFloats) {
      const Floats g = out_gradient(at + d), n = load(normalized + d);
      store(load(gamma_gradient + d) + g * n, gamma_gradient + d);
      store(load(beta_gradient + d) + g, beta_gradient + d);
      const Floats scaled = g * load(step.gamma + d);
      total += scaled;
      product += scaled * n;
    }
    const float mean = sum(total) / static_cast<float>(width), projection = sum(product) / static_cast<float>(width);
    for (std::size_t d = 0; d < width; d += kFloats) {
      const Floats scaled = out_gradient(at + d) * load(step.gamma + d);
      const Floats dh = (scaled - mean - load(normalized + d) * projection) * step.inverse_deviation[row];
      if (step.residual_gradient != nullptr) store(dh, step.residual_gradient + at + d);
      store(step.drop_input.threshold != 0 ? dh * keep_scale(step.drop_input, at + d) : dh, step.x_gradient + at + d);
    }
  }
}

// Calls body(pointer offset) for whole vectors; the remainder goes through a padded copy.
template <typename Element, typename Function>
NOGGIN_INLINE void map(const Element* x, const Element* y, std::size_t count, Element* out, const Function& function) {
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) store(function(load(x + i), load(y + i)), out + i);
  if (i == count) return;
  Element a[kFloats] = {}, b[kFloats] = {};
  std::copy(x + i, x + count, a);
  std::copy(y + i, y + count, b);
  store(function(load(a), load(b)), a);
  std::copy(a, a + (count - i), out + i);
}

template <typename Element>
NOGGIN_INLINE void gelu_any(const Element* x, std::size_t count, Element* out) {
  map(x, x, count, out, [](Floats v, Floats) __attribute__((always_inline)) { return v * gauss(v).cdf; });
}
NOGGIN_INLINE Floats gelu_chain(Floats gradient, Floats x) {
  const Gauss at = gauss(x);
  return gradient * (at.cdf + x * at.density * 0.39894228F);  // Phi + x * phi
}
template <typename Element>
NOGGIN_INLINE void gelu_gradient_any(const Element* x, const Element* gradient, std::size_t count, Element* out) {
  map(x, gradient, count, out, [](Floats v, Floats g) __attribute__((always_inline)) { return gelu_chain(g, v); });
}

void round_to_bf16(const float* x, std::size_t count, Bf16* out) {
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) store(load(x + i), out + i);
  if (i == count) return;
  float rest[kFloats] = {};
  Bf16 rounded[kFloats];
  std::copy(x + i, x + count, rest);
  store(load(rest), rounded);
  std::copy(rounded, rounded + (count - i), out + i);
}
void widen_bf16(const Bf16* x, float factor, std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + kFloats <= count; i += kFloats) store(load(x + i) * factor, out + i);
  if (i == count) return;
  Bf16 rest[kFloats] = {};
  float wide[kFloats];
  std::copy(x + i, x + count, rest);
  store(load(rest) * factor, wide);
  std::copy(wide, wide + (count - i), out + i);
}
void round_columns(const float* x, const float* column_factors, std::size_t width, std::size_t begin, std::size_t end,
                   Bf16* out, float* column_sums) {
  for (std::size_t row = begin; row < end; ++row) {
    const float* from = x + row * width;
    Bf16* to = out + row * width;
    std::size_t i = 0;
    for (; i + kFloats <= width; i += kFloats) {
      const Floats value = load(from + i);
      store(load(column_sums + i) + value, column_sums + i);
      store(column_factors != nullptr ? value * load(column_factors + i) : value, to + i);
    }
    for (; i < width; ++i) {
      column_sums[i] += from[i];
      const float value = column_factors != nullptr ? from[i] * column_factors[i] : from[i];
      Bf16 lanes[kFloats];
      store(splat(value), lanes);
      to[i] = lanes[0];
    }
  }
}

void add_norm(const AddNormForward<float>& step, std::size_t width, std::size_t begin, std::size_t end) {
  add_norm_rows(step, width, begin, end);
}
void add_norm(const AddNormForward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end) {
  add_norm_rows(step, width, begin, end);
}
void add_norm_gradients(const AddNormBackward<float>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient) {
  add_norm_gradient_rows(step, width, begin, end, gamma_gradient, beta_gradient);
}
void add_norm_gradients(const AddNormBackward<Bf16>& step, std::size_t width, std::size_t begin, std::size_t end,
                        float* gamma_gradient, float* beta_gradient) {
  add_norm_gradient_rows(step, width, begin, end, gamma_gradient, beta_gradient);
}

void gelu(const float* x, std::size_t count, float* out) { gelu_any(x, count, out); }
void gelu(const Bf16* x, std::size_t count, Bf16* out) { gelu_any(x, count, out); }
void gelu_gradient(const float* x, const float* gradient, std::size_t count, float* out) {
  gelu_gradient_any(x, gradient, count, out);
}
void gelu_gradient(const Bf16* x, const Bf16* gradient, std::size_t count, Bf16* out) {
  gelu_gradient_any(x, gradient, count, out);
}
