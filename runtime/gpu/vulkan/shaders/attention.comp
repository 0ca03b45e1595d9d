// Attention of gpu/attention_kernel.h: eight threads share a query, keys come in tiles.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"
#include "integers.glsl"

// Context channels of a thread, 8 * kChannels >= W: each pipeline's own, as its number of threads is.
layout(constant_id = 14) const uint kChannels = 4u;

layout(push_constant) uniform Arguments {
  uint blocks, heads, head_width;
  uint qkv, qkv_stride, context, context_stride;  // batch; bytes
  uint tiles;                                     // batch; words: first_token, tokens, first_query
  float score_scale, value_scale, context_inverse_scale;
} arguments;

const uint kKeyWords = kKeys / 4u;
const uint kValueStride = kKeyWords + 1u;  // rows in different banks
shared int largest[kQueries * kQueryLanes];
shared int denominators[kQueries * kQueryLanes];
shared uint exponents[kQueries * kKeyWords];                      // four of 0..127 in a word
shared uint values[kChannels * kQueryLanes * kValueStride];  // [channel][four keys]

uint first_token, tokens, head;

uint row_of(uint token, uint part) {
  return arguments.qkv + (first_token + token) * arguments.qkv_stride +
         (part * arguments.heads + head) * arguments.head_width;
}

int score(uint q, uint k) {
  int dot = 0;
  if (arguments.head_width % 4u == 0u) {  // then every head starts at a word
    for (uint c = 0u; c < arguments.head_width; c += 4u) {
      dot = dot4(int(batch_words[(q + c) / 4u]), int(batch_words[(k + c) / 4u]), dot);
    }
  } else {
    for (uint c = 0u; c < arguments.head_width; ++c) dot += int(batch_bytes[q + c]) * int(batch_bytes[k + c]);
  }
  return dot;
}

// The exponents of four keys, in a word; 0 for keys that are not there. Adds them to the denominator.
uint four_exponents(uint q, uint first_key, int top, inout int denominator) {
  uint word = 0u;
  for (uint i = 0u; i < 4u; ++i) {
    if (first_key + i >= tokens) break;
    const int dot = score(q, row_of(first_key + i, 1u));
    const int exponent = attention_exponent(dot - top, arguments.score_scale);
    denominator += exponent;
    word |= uint(exponent) << (8u * i);
  }
  return word;
}

void turn_values(uint first_key) {
  for (uint i = thread_index(); i < kKeyWords * arguments.head_width; i += gl_WorkGroupSize.x) {
    const uint c = i % arguments.head_width, four = i / arguments.head_width;
    uint word = 0u;
    for (uint j = 0u; j < 4u; ++j) {
      const uint key = first_key + four * 4u + j;
      if (key >= tokens) break;
      word |= (uint(int(batch_bytes[row_of(key, 2u) + c])) & 0xFFu) << (8u * j);
    }
    values[c * kValueStride + four] = word;
  }
}

void main() {
  if (block_index() >= arguments.blocks) return;
  const uint tile = arguments.tiles + block_index() / arguments.heads * 3u;
  first_token = batch_words[tile];
  tokens = batch_words[tile + 1u];
  head = block_index() % arguments.heads;
  const uint query = thread_index() / kQueryLanes, lane = thread_index() % kQueryLanes;
  const uint token = batch_words[tile + 2u] + query;
  const bool real = token < tokens;
  const uint q = row_of(real ? token : 0u, 0u), own = query * kQueryLanes;

  if (real) {  // lanes beyond the last key use the first key's score again
    int top = score(q, row_of(lane < tokens ? lane : 0u, 1u));
    for (uint j = lane + kQueryLanes; j < tokens; j += kQueryLanes) top = max(top, score(q, row_of(j, 1u)));
    largest[own + lane] = top;
  }
  barrier();
  int top = 0;
  if (real) {
    top = largest[own];
    for (uint i = 1u; i < kQueryLanes; ++i) top = max(top, largest[own + i]);
  }

  int denominator = 0;
  int numerators[kChannels];
  [[unroll]] for (uint i = 0u; i < kChannels; ++i) numerators[i] = 0;
  for (uint first_key = 0u; first_key < tokens; first_key += kKeys) {
    if (real) {
      for (uint four = lane; four < kKeyWords; four += kQueryLanes) {
        exponents[query * kKeyWords + four] = four_exponents(q, first_key + four * 4u, top, denominator);
      }
    }
    turn_values(first_key);
    barrier();
    if (real) {
      for (uint four = 0u; four < kKeyWords; ++four) {
        const int weights = int(exponents[query * kKeyWords + four]);
        [[unroll]] for (uint i = 0u; i < kChannels; ++i) {  // channels beyond the head's are not written
          numerators[i] = dot4(weights, int(values[(lane + i * kQueryLanes) * kValueStride + four]), numerators[i]);
        }
      }
    }
    barrier();
  }

  if (real) denominators[own + lane] = denominator;
  barrier();
  if (!real) return;
  denominator = 0;
  for (uint i = 0u; i < kQueryLanes; ++i) denominator += denominators[own + i];
  // At least 127 and at most 127 * 4096, and s_v at least 2^-40: neither quotient nor product is subnormal.
  const float factor = divide(arguments.value_scale, to_float(denominator));
  const uint out_place =
      arguments.context + (first_token + token) * arguments.context_stride + head * arguments.head_width;
  [[unroll]] for (uint i = 0u; i < kChannels; ++i) {
    const uint c = lane + i * kQueryLanes;
    const float value = multiply_normal(to_float(numerators[i]), factor);
    if (c < arguments.head_width) {
      batch_bytes[out_place + c] = int8_t(quantize_activation(value, arguments.context_inverse_scale));
    }
  }
}
