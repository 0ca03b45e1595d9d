// Pool of gpu/row_kernels.h: a thread per channel.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, width, mean;
  float inverse_scale;
  uint x, offsets, quantized;  // batch
  uint quantized_stride;
} arguments;

void main() {
  const uint tiles = divide_up(arguments.width, gl_WorkGroupSize.x);
  const uint text = block_index() / tiles, d = block_index() % tiles * gl_WorkGroupSize.x + thread_index();
  if (block_index() >= arguments.blocks || d >= arguments.width) return;
  const uint first = batch_words[arguments.offsets + text], end = batch_words[arguments.offsets + text + 1u];
  float pooled = batch_float(arguments.x + first * arguments.width + d);
  if (arguments.mean != 0u) {
    for (uint t = first + 1u; t < end; ++t) pooled = add(pooled, batch_float(arguments.x + t * arguments.width + d));
    pooled = divide(pooled, float(end - first));
  }
  batch_bytes[arguments.quantized + text * arguments.quantized_stride + d] =
      int8_t(quantize_activation(pooled, arguments.inverse_scale));
}
