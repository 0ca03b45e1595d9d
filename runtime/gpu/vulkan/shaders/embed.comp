// Embed of gpu/row_kernels.h.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, width;
  uint word, position, word_scales, position_scales;  // model
  uint token_ids, positions, x;                       // batch
} arguments;

// A scale is at least 2^-40, so a product is 0 or at least 2^-40, a multiple of 2^-63; so is the sum.
void main() {
  const uint token = block_index();
  if (token >= arguments.blocks) return;
  const uint id = batch_words[arguments.token_ids + token], place = batch_words[arguments.positions + token];
  const float word_scale = model_float(arguments.word_scales + id);
  const float position_scale = model_float(arguments.position_scales + place);
  for (uint d = thread_index(); d < arguments.width; d += gl_WorkGroupSize.x) {
    const float word = float(int(model_bytes[arguments.word + id * arguments.width + d]));
    const float position = float(int(model_bytes[arguments.position + place * arguments.width + d]));
    store_float(arguments.x + token * arguments.width + d,
                add_normal(multiply_normal(word, word_scale), multiply_normal(position, position_scale)));
  }
}
