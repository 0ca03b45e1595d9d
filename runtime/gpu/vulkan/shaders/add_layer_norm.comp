// AddLayerNorm of gpu/row_kernels.h: a row's sixteen partial sums are in sixteen threads.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, rows, width;
  float epsilon, inverse_scale;
  uint gamma, beta;                           // model
  uint x, residual, quantized;                // batch; residual and quantized: or kNothing
  uint quantized_stride;
} arguments;

shared float sums[kNormRows * kNormPartials];
shared float squares[kNormRows * kNormPartials];

float add_and_sum(uint row, uint partial) {
  float sum = 0.0;
  for (uint d = partial; d < arguments.width; d += kNormPartials) {
    const uint i = row * arguments.width + d;
    float value = batch_float(arguments.x + i);
    if (arguments.residual != kNothing) {
      value = add(value, batch_float(arguments.residual + i));
      store_float(arguments.x + i, value);
    }
    sum = add(sum, value);
  }
  return sum;
}

float sum_of_squares(uint row, uint partial, float mean) {
  float sum = 0.0;
  for (uint d = partial; d < arguments.width; d += kNormPartials) {
    const float distance = subtract(batch_float(arguments.x + row * arguments.width + d), mean);
    sum = add(sum, multiply(distance, distance));
  }
  return sum;
}

void write(uint row, uint partial, float mean, float inverse) {
  for (uint d = partial; d < arguments.width; d += kNormPartials) {
    const uint x = arguments.x + row * arguments.width + d;
    const float normed = multiply(subtract(batch_float(x), mean), inverse);
    const float value = add(multiply(normed, model_float(arguments.gamma + d)), model_float(arguments.beta + d));
    store_float(x, value);
    if (arguments.quantized != kNothing) {
      batch_bytes[arguments.quantized + row * arguments.quantized_stride + d] =
          int8_t(quantize_activation(value, arguments.inverse_scale));
    }
  }
}

// A macro, because a function gets a copy of an array.
#define TREE_SUM(result, partials, first)                                                      \
  {                                                                                            \
    float tree[kNormPartials];                                                                 \
    [[unroll]] for (uint i = 0u; i < kNormPartials; ++i) tree[i] = partials[(first) + i];      \
    [[unroll]] for (uint half_count = kNormPartials / 2u; half_count > 0u; half_count /= 2u) { \
      for (uint i = 0u; i < half_count; ++i) tree[i] = add(tree[i], tree[i + half_count]);     \
    }                                                                                          \
    result = tree[0];                                                                          \
  }

void main() {
  if (block_index() >= arguments.blocks) return;
  const uint local = thread_index() / kNormPartials, partial = thread_index() % kNormPartials;
  const uint row = block_index() * kNormRows + local, first = local * kNormPartials;
  const bool real = row < arguments.rows;
  const float count = float(arguments.width);  // exact
  if (real) sums[first + partial] = add_and_sum(row, partial);
  barrier();
  float total, mean = 0.0;
  if (real) {
    TREE_SUM(total, sums, first)
    mean = divide(total, count);
    squares[first + partial] = sum_of_squares(row, partial, mean);
  }
  barrier();
  if (!real) return;
  TREE_SUM(total, squares, first)
  const float variance = divide(total, count);
  write(row, partial, mean, divide(1.0, square_root(add(variance, arguments.epsilon))));
}
