// One function of numbers.glsl or integers.glsl on many inputs: the self-test of a device, and the tests. Inputs are in
// the model's block, results go to the batch's.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"
#include "integers.glsl"

#define NOGGIN_OPERATION(number, name) const uint name = number;
#include "operations.def"

layout(push_constant) uniform Arguments {
  uint blocks, operation, count;
  uint a, b, out_place;
} arguments;

uint result_of(uint a, uint b) {
  const float x = uintBitsToFloat(a), y = uintBitsToFloat(b);
  switch (arguments.operation) {
    case kAdd: return floatBitsToUint(add(x, y));
    case kSubtract: return floatBitsToUint(subtract(x, y));
    case kMultiply: return floatBitsToUint(multiply(x, y));
    case kAddNormal: return floatBitsToUint(add_normal(x, y));
    case kSubtractNormal: return floatBitsToUint(subtract_normal(x, y));
    case kMultiplyNormal: return floatBitsToUint(multiply_normal(x, y));
    case kDivide: return floatBitsToUint(divide(x, y));
    case kSquareRoot: return floatBitsToUint(square_root(x));
    case kToFloat: return floatBitsToUint(to_float(int(a)));
    case kQuantizeActivation: return uint(quantize_activation(x, y));
    case kAttentionExponent: return uint(attention_exponent(int(a), y));
    case kDot4: return uint(dot4(int(a), int(b), 0));
    case kUnpackInt4Low: return unpack_int4(a, false);
    case kUnpackInt4High: return unpack_int4(a, true);
    case kSignedByte: return uint(int(model_bytes[arguments.b * 4u + (a & 255u)]));
  }
  return 0u;
}

void main() {
  const uint i = block_index() * gl_WorkGroupSize.x + thread_index();
  if (block_index() >= arguments.blocks || i >= arguments.count) return;
  batch_words[arguments.out_place + i] = result_of(model_words[arguments.a + i], model_words[arguments.b + i]);
}
