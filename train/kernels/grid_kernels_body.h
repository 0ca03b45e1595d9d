// The steps on int8 grids of row_kernels.h. Included after each inclusion of row_kernels_body.h, by the same rules.

NOGGIN_INLINE Floats grid_of(Floats position) {
  return nearest(smaller(larger(position, splat(spec::kActivationLow)), splat(spec::kActivationHigh)));
}
NOGGIN_INLINE Floats inside_range(Floats position) {
  const Floats above = position > splat(spec::kActivationLow) ? splat(1.0F) : splat(0.0F);
  return position < splat(spec::kActivationHigh) ? above : splat(0.0F);
}

// The sum is taken in float over runs of 4,096 elements, in double over runs.
template <typename Element>
NOGGIN_INLINE double grid_gradient_any(const float* x, float step, const Element* gradient, std::size_t count, float* out) {
  constexpr std::size_t kRun = 4096;
  const float inverse = 1.0F / step;
  double total = 0.0;
  for (std::size_t begin = 0; begin < count; begin += kRun) {
    Floats sums{};
    const auto pass = [&](Floats value, Floats g) __attribute__((always_inline)) {
      const Floats position = value * inverse, rounded = grid_of(position), inside = inside_range(position);
      sums += g * (rounded - position * inside);
      return g * inside;
    };
    const std::size_t end = std::min(count, begin + kRun);
    std::size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) store(pass(load(x + i), load(gradient + i)), out + i);
    if (i < end) {
      float values[kLanes] = {}, results[kLanes];
      Element gradients[kLanes] = {};
      std::copy(x + i, x + end, values);
      std::copy(gradient + i, gradient + end, gradients);
      store(pass(load(values), load(gradients)), results);
      std::copy(results, results + (end - i), out + i);
    }
    total += double{sum(sums)};
  }
  return total;
}

double grid_gradient(const float* x, float step, const float* gradient, std::size_t count, float* out) {
  return grid_gradient_any(x, step, gradient, count, out);
}
double grid_gradient(const float* x, float step, const Bf16* gradient, std::size_t count, float* out) {
  return grid_gradient_any(x, step, gradient, count, out);
}
// GridPosition: the step in the upper bits, the rounding error below. 127 parts at most, so that the step comes back
// exactly.
NOGGIN_INLINE void store(Floats position, Floats rounded, GridPosition* out) {
  constexpr float kMost = kPositionParts / 2.0F - 1.0F;
  const Floats error = smaller(larger((position - rounded) * kPositionParts, splat(-kMost)), splat(kMost));
  const Floats parts = larger(nearest(rounded * kPositionParts + error), splat(spec::kActivationLow * kPositionParts));
  const auto kept = __builtin_convertvector(__builtin_convertvector(parts, Integers), Shorts);
  std::memcpy(out, &kept, sizeof kept);
}
NOGGIN_INLINE Floats load(const GridPosition* p) {
  Shorts kept;
  std::memcpy(&kept, p, sizeof kept);
  return __builtin_convertvector(kept, Floats) * (1.0F / kPositionParts);
}

void gelu_to_grid(const float* x, float step, const std::int8_t* table, std::size_t count, GridPosition* positions,
                  std::int8_t* out) {
  const float inverse = 1.0F / step;
  const auto pass = [&](const float* from, GridPosition* kept, std::int8_t* to) __attribute__((always_inline)) {
    const Floats position = load(from) * inverse, rounded = grid_of(position);
    store(position, rounded, kept);
    const Integers entries = __builtin_convertvector(rounded - spec::kActivationLow, Integers);
    for (std::size_t i = 0; i < kLanes; ++i) to[i] = table[entries[i]];
  };
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) pass(x + i, positions + i, out + i);
  if (i == count) return;
  float rest[kLanes] = {};
  GridPosition kept[kLanes];
  std::int8_t found[kLanes];
  std::copy(x + i, x + count, rest);
  pass(rest, kept, found);
  std::copy(kept, kept + (count - i), positions + i);
  std::copy(found, found + (count - i), out + i);
}

template <typename Element>
NOGGIN_INLINE void gelu_to_grid_gradient_rows(const GeluGridBackward<Element>& grid, std::size_t width, std::size_t begin,
                                              std::size_t end, Element* out, float* column_sums, GeluGridSums* sums) {
  const float to_hidden = 1.0F / grid.hidden_step;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t at = row * width;
    Floats hidden_sum{}, sum_before{};
    const auto pass = [&](const GridPosition* kept, const Element* gradient, const float* factors, Element* to,
                          float* columns) __attribute__((always_inline)) {
      const Floats position = load(kept), rounded = nearest(position), value = rounded * grid.step;
      const Gauss gauss_at = gauss(value);
      const Floats hidden = value * gauss_at.below * to_hidden, hidden_inside = inside_range(hidden);
      const Floats before = inside_range(position);
      Floats g = load(gradient);
      hidden_sum += g * (grid_of(hidden) - hidden * hidden_inside);
      g *= hidden_inside * (gauss_at.below + value * gauss_at.bell * 0.39894228F);
      sum_before += g * (rounded - position * before);
      g *= before;
      store(load(columns) + g, columns);
      store(g * load(factors), to);
    };
    std::size_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
      pass(grid.positions + at + i, grid.gradient + at + i, grid.column_factors + i, out + at + i, column_sums + i);
    }
    if (i < width) {
      const std::size_t left = width - i;
      GridPosition kept[kLanes] = {};
      Element gradient[kLanes] = {}, results[kLanes];
      float factors[kLanes] = {}, columns[kLanes] = {};
      std::copy_n(grid.positions + at + i, left, kept);
      std::copy_n(grid.gradient + at + i, left, gradient);
      std::copy_n(grid.column_factors + i, left, factors);
      std::copy_n(column_sums + i, left, columns);
      pass(kept, gradient, factors, results, columns);
      std::copy_n(results, left, out + at + i);
      std::copy_n(columns, left, column_sums + i);
    }
    sums->hidden += double{sum(hidden_sum)};
    sums->before += double{sum(sum_before)};
  }
}
void gelu_to_grid_gradients(const GeluGridBackward<float>& grid, std::size_t width, std::size_t begin, std::size_t end,
                            float* out, float* column_sums, GeluGridSums* sums) {
  gelu_to_grid_gradient_rows(grid, width, begin, end, out, column_sums, sums);
}
void gelu_to_grid_gradients(const GeluGridBackward<Bf16>& grid, std::size_t width, std::size_t begin, std::size_t end,
                            Bf16* out, float* column_sums, GeluGridSums* sums) {
  gelu_to_grid_gradient_rows(grid, width, begin, end, out, column_sums, sums);
}

// The clamp between product and rounding keeps a fused multiply-add from changing the bits. NaN gives the limit.
NOGGIN_INLINE Floats weight_grid_of(Floats x, float inverse_step) {
  return nearest(smaller(larger(x * inverse_step, splat(-spec::kWeightLimit)), splat(spec::kWeightLimit)));
}
void weights_on_grid(const float* x, float step, std::size_t count, float* out) {
  const float inverse = 1.0F / step;
  map(x, x, count, out, [step, inverse](Floats v, Floats) __attribute__((always_inline)) { return weight_grid_of(v, inverse) * step; });
}
void quantize_weights(const float* x, std::size_t count, float inverse_step, std::int8_t* out) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats value = weight_grid_of(load(x + i), inverse_step);
    const auto bytes = __builtin_convertvector(__builtin_convertvector(value, Integers), Bytes);
    std::memcpy(out + i, &bytes, sizeof bytes);
  }
  for (; i < count; ++i) out[i] = spec::quantize_weight(x[i], inverse_step);
}
float largest_magnitude(const float* x, std::size_t count) {
  Floats top{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats value = load(x + i);
    top = larger(larger(value, -value), top);
  }
  float largest = 0.0F;
  for (std::size_t lane = 0; lane < kLanes; ++lane) largest = std::max(largest, top[lane]);
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
