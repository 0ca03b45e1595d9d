// The float steps of the forward pass over sixteen lanes. Include after a lanes_*.h. Same operations in the same order
// as reference.cpp; a lane is a partial sum, so the order of a row sum is kept by construction.
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

void embed_rows(const spec::EmbeddingView& word, const spec::EmbeddingView& position, const std::uint32_t* ids,
                std::size_t tokens, float* x) {
  const std::size_t width = word.columns;
  for (std::size_t t = 0; t < tokens; ++t) {
    const std::int8_t* word_row = word.values + ids[t] * width;
    const std::int8_t* position_row = position.values + t * width;
    const Floats word_scale = all(word.scales[ids[t]]), position_scale = all(position.scales[t]);
    for (std::size_t d = 0; d < width; d += kLanes) {
      const std::size_t lanes = lanes_at(d, width);
      const Floats w = multiply(to_float(widen_part(word_row + d, lanes)), word_scale);
      const Floats p = multiply(to_float(widen_part(position_row + d, lanes)), position_scale);
      store_up_to(x + t * width + d, add(w, p), lanes);
    }
  }
}

// x += residual when there is one; the row's sum.
NOGGIN_LANES float add_and_sum(float* x, const float* residual, std::size_t width) {
  Floats partial = all(0.0F);
  for (std::size_t i = 0; i < width; i += kLanes) {
    const std::size_t lanes = lanes_at(i, width);
    Floats value = load_up_to(x + i, lanes);
    if (residual != nullptr) {
      value = add(value, load_up_to(residual + i, lanes));
      store_up_to(x + i, value, lanes);
    }
    partial = add(partial, value);  // absent lanes are +0, which no partial sum can notice: it is never -0
  }
  return sum_tree(partial);
}

NOGGIN_LANES float sum_of_squares(const float* x, std::size_t width, Floats mean) {
  Floats partial = all(0.0F);
  for (std::size_t i = 0; i < width; i += kLanes) {
    const std::size_t lanes = lanes_at(i, width);
    Floats centred = subtract(load_up_to(x + i, lanes), mean);
    if (lanes < kLanes) centred = keep(centred, lanes);
    partial = add(partial, multiply(centred, centred));
  }
  return sum_tree(partial);
}

NOGGIN_LANES void layer_norm_row(float* x, const float* residual, std::size_t width, const float* gamma,
                                 const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized) {
  const auto count = static_cast<float>(width);
  const Floats mean = all(add_and_sum(x, residual, width) / count);
  const Floats inverse = all(1.0F / square_root(sum_of_squares(x, width, mean) / count + epsilon));
  for (std::size_t i = 0; i < width; i += kLanes) {
    const std::size_t lanes = lanes_at(i, width);
    const Floats normal = multiply(subtract(load_up_to(x + i, lanes), mean), inverse);
    const Floats y = add(multiply(normal, load_up_to(gamma + i, lanes)), load_up_to(beta + i, lanes));
    store_up_to(x + i, y, lanes);
    if (quantized != nullptr) store_bytes_part(quantized + i, quantize_lanes(y, all(inverse_scale)), lanes);
  }
}

void add_layer_norm_rows(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                         const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                         std::size_t quantized_stride) {
  for (std::size_t row = 0; row < rows; ++row) {
    layer_norm_row(x + row * width, residual == nullptr ? nullptr : residual + row * width, width, gamma, beta, epsilon,
                   inverse_scale, quantized == nullptr ? nullptr : quantized + row * quantized_stride);
  }
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
