// ScaleAndAdd of gpu/row_kernels.h.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, width;
  uint position, word_scales, position_scales;  // model
  uint token_ids, positions, x;                 // batch
} arguments;

void main() {
  const uint token = block_index();
  if (token >= arguments.blocks) return;
  const uint place = batch_words[arguments.positions + token];
  const float word_scale = model_float(arguments.word_scales + batch_words[arguments.token_ids + token]);
  const float position_scale = model_float(arguments.position_scales + place);
  for (uint d = thread_index(); d < arguments.width; d += gl_WorkGroupSize.x) {
    const uint x = arguments.x + token * arguments.width + d;
    const float position = float(int(model_bytes[arguments.position + place * arguments.width + d]));
    store_float(x, add(multiply(batch_float(x), word_scale), multiply(position, position_scale)));
  }
}
