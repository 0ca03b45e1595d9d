// The float steps of the forward pass over sixteen lanes. Include after a lanes_*.h. The same operations in the same
// order as reference.cpp; a lane is a partial sum, so a row sum has the right order by construction.
#pragma once

#include "kernels/kernel_set.h"
#include "spec/quant.h"

namespace noggin::runtime {
namespace {

constexpr std::size_t kLanes = 16;

// spec::quantize_activation.
NOGGIN_LANES Ints quantize_lanes(Floats x, Floats inverse_scale) {
  const Floats value = larger(multiply(x, inverse_scale), all(spec::kActivationLow));
  return round_half_even(smaller(value, all(spec::kActivationHigh)));
}

NOGGIN_LANES void copy_bytes(std::int8_t* to, const std::int8_t* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

// The first `count` <= 16 lanes as bytes.
NOGGIN_LANES void store_bytes_part(std::int8_t* p, Ints x, std::size_t count) {
  if (count == kLanes) {
    store_bytes(p, x);
  } else {
    alignas(16) std::int8_t bytes[kLanes];
    store_bytes(bytes, x);
    copy_bytes(p, bytes, count);
  }
}

NOGGIN_LANES Ints widen_part(const std::int8_t* p, std::size_t count) {
  if (count == kLanes) return widen(p);
  alignas(16) std::int8_t bytes[kLanes] = {};
  copy_bytes(bytes, p, count);
  return widen(bytes);
}

NOGGIN_LANES Floats load_up_to(const float* p, std::size_t count) {
  return count == kLanes ? load(p) : load_part(p, count);
}
NOGGIN_LANES void store_up_to(float* p, Floats x, std::size_t count) {
  if (count == kLanes) {
    store(p, x);
  } else {
    store_part(p, x, count);
  }
}

NOGGIN_LANES std::size_t lanes_at(std::size_t i, std::size_t width) { return width - i < kLanes ? width - i : kLanes; }

void quantize_row(const float* x, std::size_t count, float inverse_scale, std::int8_t* out) {
  const Floats inverse = all(inverse_scale);
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t lanes = lanes_at(i, count);
    store_bytes_part(out + i, quantize_lanes(load_up_to(x + i, lanes), inverse), lanes);
  }
}

// Eight packed int4, two in a byte -> one in a byte, all at once in a general register: the same code for every
// instruction set.
NOGGIN_LANES std::uint64_t spread_int4(std::uint64_t packed) {
  packed = (packed | packed << 16) & 0x0000FFFF0000FFFFU;
  packed = (packed | packed << 8) & 0x00FF00FF00FF00FFU;
  packed = (packed | packed << 4) & 0x0F0F0F0F0F0F0F0FU;
  // Bits 0..15 -> -8..7: no carry leaves a byte.
  return ((packed ^ 0x0808080808080808U) + 0x7878787878787878U) ^ 0x8080808080808080U;
}

// The first `count` <= 16 values from p on, the others anything.
NOGGIN_LANES Ints widen_int4_part(const std::int8_t* p, std::size_t count) {
  std::uint8_t bytes[kLanes / 2] = {};
  if (count == kLanes) {
    __builtin_memcpy(bytes, p, sizeof bytes);
  } else {
    for (std::size_t i = 0; i < (count + 1) / 2; ++i) bytes[i] = static_cast<std::uint8_t>(p[i]);
  }
  std::uint32_t low, high;
  __builtin_memcpy(&low, bytes, sizeof low);
  __builtin_memcpy(&high, bytes + 4, sizeof high);
  const std::uint64_t spread[2] = {spread_int4(low), spread_int4(high)};
  alignas(16) std::int8_t values[kLanes];
  __builtin_memcpy(values, spread, sizeof values);
  return widen(values);
}

void embed_rows(const spec::EmbeddingView& word, const spec::EmbeddingView& position, const std::uint32_t* ids,
                std::size_t tokens, float* x) {
  const std::size_t width = word.columns;
  for (std::size_t t = 0; t < tokens; ++t) {
    const bool int4 = word.type == spec::WeightType::kInt4;
    const std::int8_t* word_row = word.values + ids[t] * word.row_bytes();
    const std::int8_t* position_row = position.values + t * width;
    const Floats word_scale = all(word.scales[ids[t]]), position_scale = all(position.scales[t]);
    for (std::size_t d = 0; d < width; d += kLanes) {
      const std::size_t lanes = lanes_at(d, width);
      const Floats w = multiply(
          to_float(int4 ? widen_int4_part(word_row + d / 2, lanes) : widen_part(word_row + d, lanes)), word_scale);
      const Floats p = multiply(to_float(widen_part(position_row + d, lanes)), position_scale);
      store_up_to(x + t * width + d, add(w, p), lanes);
    }
  }
}

constexpr std::size_t kFourLanes = 4 * kLanes;

// Calls f with 0 .. kRows - 1 as constants, so that the arrays they index can stay in registers.
template <int kIndex>
struct Constant {
  constexpr operator int() const { return kIndex; }
};
template <int kRows, typename F>
NOGGIN_LANES void for_rows(const F& f) {
  static_assert(kRows == 1 || kRows == 4);
  f(Constant<0>{});
  if constexpr (kRows == 4) {
    f(Constant<1>{});
    f(Constant<2>{});
    f(Constant<3>{});
  }
}
#define NOGGIN_INLINE __attribute__((always_inline))

// The sums of kRows rows of f(row, column), which gives sixteen lanes, absent ones as +0: that changes no partial sum,
// because none is -0. Several rows at once, because each addition to a partial sum waits for the previous one.
template <int kRows, typename F>
NOGGIN_LANES void sum_rows(std::size_t width, float* sums, const F& f) {
  Floats partial[kRows];
  for_rows<kRows>([&](auto r) NOGGIN_INLINE { partial[r] = all(0.0F); });
  for (std::size_t i = 0; i < width; i += kLanes) {
    for_rows<kRows>([&](auto r) NOGGIN_INLINE { partial[r] = add(partial[r], f(r, i)); });
  }
  for_rows<kRows>([&](auto r) NOGGIN_INLINE { sums[r] = sum_tree(partial[r]); });
}

struct Normalization {
  Floats mean, inverse_deviation, inverse_scale;
  const float *gamma, *beta;
  NOGGIN_LANES Floats operator()(Floats x, Floats g, Floats b) const {
    return add(multiply(multiply(subtract(x, mean), inverse_deviation), g), b);
  }
};

template <bool kQuantized>
NOGGIN_LANES void normalize_row(float* x, std::size_t width, const Normalization& norm, std::int8_t* quantized) {
  const auto at = [&](std::size_t i) {
    const Floats y = norm(load(x + i), load(norm.gamma + i), load(norm.beta + i));
    store(x + i, y);
    return multiply(y, norm.inverse_scale);
  };
  std::size_t i = 0;
  for (; i + kFourLanes <= width; i += kFourLanes) {
    const Floats y0 = at(i), y1 = at(i + 16), y2 = at(i + 32), y3 = at(i + 48);
    if constexpr (kQuantized) store(quantized + i, quantize_four(y0, y1, y2, y3));
  }
  for (; i < width; i += kLanes) {
    const std::size_t lanes = lanes_at(i, width);
    const Floats y =
        norm(load_up_to(x + i, lanes), load_up_to(norm.gamma + i, lanes), load_up_to(norm.beta + i, lanes));
    store_up_to(x + i, y, lanes);
    if constexpr (kQuantized) store_bytes_part(quantized + i, quantize_lanes(y, norm.inverse_scale), lanes);
  }
}

struct LayerNorm {
  std::size_t width;
  const float *gamma, *beta;
  float epsilon, inverse_scale;
};

// residual and quantized may be null.
template <int kRows>
NOGGIN_LANES void layer_norm_rows(float* x, const float* residual, const LayerNorm& norm, std::int8_t* quantized,
                                  std::size_t stride) {
  const std::size_t width = norm.width;
  const auto count = static_cast<float>(width);
  float sums[kRows], squares[kRows];
  sum_rows<kRows>(width, sums, [&](int r, std::size_t i) NOGGIN_INLINE {
    const std::size_t lanes = lanes_at(i, width);
    float* at = x + r * width + i;
    Floats value = load_up_to(at, lanes);
    if (residual == nullptr) return value;
    value = add(value, load_up_to(residual + r * width + i, lanes));
    store_up_to(at, value, lanes);
    return value;
  });
  Floats mean[kRows];
  for_rows<kRows>([&](auto r) NOGGIN_INLINE { mean[r] = all(sums[r] / count); });
  sum_rows<kRows>(width, squares, [&](auto r, std::size_t i) NOGGIN_INLINE {
    const std::size_t lanes = lanes_at(i, width);
    Floats centred = subtract(load_up_to(x + r * width + i, lanes), mean[r]);
    if (lanes < kLanes) centred = keep(centred, lanes);
    return multiply(centred, centred);
  });
  for_rows<kRows>([&](auto r) NOGGIN_INLINE {
    const Floats inverse = all(1.0F / square_root(squares[r] / count + norm.epsilon));
    const Normalization of_row = {mean[r], inverse, all(norm.inverse_scale), norm.gamma, norm.beta};
    if (quantized == nullptr) {
      normalize_row<false>(x + r * width, width, of_row, nullptr);
    } else {
      normalize_row<true>(x + r * width, width, of_row, quantized + r * stride);
    }
  });
}

void add_layer_norm_rows(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                         const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                         std::size_t quantized_stride) {
  const LayerNorm norm = {width, gamma, beta, epsilon, inverse_scale};
  const auto from = [&](std::size_t row) { return residual == nullptr ? nullptr : residual + row * width; };
  const auto to = [&](std::size_t row) { return quantized == nullptr ? nullptr : quantized + row * quantized_stride; };
  std::size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    layer_norm_rows<4>(x + row * width, from(row), norm, to(row), quantized_stride);
  }
  for (; row < rows; ++row) layer_norm_rows<1>(x + row * width, from(row), norm, to(row), quantized_stride);
}

void mean_pool_rows(const float* x, std::size_t tokens, std::size_t width, float* out) {
  const Floats count = all(static_cast<float>(tokens));
  for (std::size_t d = 0; d < width; d += kLanes) {
    const std::size_t lanes = lanes_at(d, width);
    Floats sum = load_up_to(x + d, lanes);
    for (std::size_t t = 1; t < tokens; ++t) sum = add(sum, load_up_to(x + t * width + d, lanes));
    store_up_to(out + d, divide(sum, count), lanes);
  }
}

}  // namespace
}  // namespace noggin::runtime
