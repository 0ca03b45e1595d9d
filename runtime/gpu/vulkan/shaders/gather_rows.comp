// GatherRows of gpu/row_kernels.h.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, width, stride;
  uint word;             // model
  uint token_ids, rows;  // batch
} arguments;

void main() {
  const uint token = block_index();
  if (token >= arguments.blocks) return;
  const uint from = arguments.word + batch_words[arguments.token_ids + token] * arguments.width;
  for (uint e = thread_index(); e < arguments.width; e += gl_WorkGroupSize.x) {
    batch_bytes[arguments.rows + token * arguments.stride + e] = model_bytes[from + e];
  }
}
