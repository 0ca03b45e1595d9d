// Linear of gpu/linear_kernel.h: tiles of both operands in shared memory, products four at a time. With
// NOGGIN_QUANTIZED its output is QuantizedOutput, else FloatOutput (gpu/linear_operands.h).
#version 450
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "numbers.glsl"
#include "integers.glsl"

layout(push_constant) uniform Arguments {
  uint blocks, rows, outputs, words;  // words: four inputs each, of a row
  uint group_words;                   // 0: int8 weights
  uint panels, columns, steps;        // model; words, words, bytes
  uint a, a_stride;                   // batch; words
  uint out_place, out_stride;         // batch; bytes if quantized, else words
  uint inverse_scale, lookup;         // model; quantized only, lookup or kNothing
} arguments;

shared int tile_a[kLinearTileRows * (kLinearTileWords + 1u)];
shared int tile_w[kLinearPanels * kLinearTileWords * kLanes];

uint panel_count() { return divide_up(arguments.outputs, kLanes); }
uint column_tiles() { return divide_up(arguments.outputs, kLanes * kLinearPanels); }

void load_rows(uint first_row, uint first_word) {
  for (uint i = thread_index(); i < kLinearTileRows * kLinearTileWords; i += gl_WorkGroupSize.x) {
    const uint r = i / kLinearTileWords, k = i % kLinearTileWords;
    const bool inside = first_row + r < arguments.rows && first_word + k < arguments.words;
    tile_a[r * (kLinearTileWords + 1u) + k] =
        inside ? int(batch_words[arguments.a + (first_row + r) * arguments.a_stride + first_word + k]) : 0;
  }
}

int weight_word(uint panel, uint word, uint lane) {
  if (arguments.group_words == 0u) {
    return int(model_words[arguments.panels + (panel * arguments.words + word) * kLanes + lane]);
  }
  const uint two = model_words[arguments.panels + (panel * arguments.words + word) / 2u * kLanes + lane];
  return int(unpack_int4(two, word % 2u == 1u));
}

void load_panels(uint first_panel, uint first_word) {
  for (uint i = thread_index(); i < kLinearPanels * kLinearTileWords * kLanes; i += gl_WorkGroupSize.x) {
    const uint p = i / (kLinearTileWords * kLanes), k = i / kLanes % kLinearTileWords, lane = i % kLanes;
    const bool inside = first_panel + p < panel_count() && first_word + k < arguments.words;
    tile_w[i] = inside ? weight_word(first_panel + p, first_word + k, lane) : 0;
  }
}

int weight_step(uint panel, uint word, uint lane) {
  if (arguments.group_words == 0u) return 1;
  if (panel >= panel_count() || word >= arguments.words) return 0;
  const uint groups = arguments.words / arguments.group_words;
  return int(model_bytes[arguments.steps + (panel * groups + word / arguments.group_words) * kLanes + lane]);
}

void store(uint row, uint n, int sum) {
  if (row >= arguments.rows || n >= arguments.outputs) return;
  const uint column = arguments.columns + n * kColumnWords;  // bias, bias_minus_offset, scale
  const float value = dequantize(sum + int(model_words[column]), model_float(column + 2u));
#ifdef NOGGIN_QUANTIZED
  const int q = quantize_activation(value, model_float(arguments.inverse_scale + n));
  const int looked_up = arguments.lookup == kNothing ? q : int(model_bytes[arguments.lookup + uint(q + 128)]);
  batch_bytes[arguments.out_place + row * arguments.out_stride + n] = int8_t(looked_up);
#else
  store_float(arguments.out_place + row * arguments.out_stride + n, value);
#endif
}

void main() {
  if (block_index() >= arguments.blocks) return;
  const uint lane = thread_index() % kLanes, first = thread_index() / kLanes * kLinearRowsPerThread;
  const uint first_row = block_index() / column_tiles() * kLinearTileRows;
  const uint first_panel = block_index() % column_tiles() * kLinearPanels;
  int sums[kLinearRowsPerThread * kLinearPanels];
  [[unroll]] for (uint i = 0u; i < kLinearRowsPerThread * kLinearPanels; ++i) sums[i] = 0;
  for (uint first_word = 0u; first_word < arguments.words; first_word += kLinearTileWords) {
    load_rows(first_row, first_word);
    load_panels(first_panel, first_word);
    barrier();
    for (uint part = 0u; part < kLinearTileWords; part += kStepWords) {
      int products[kLinearRowsPerThread * kLinearPanels];
      [[unroll]] for (uint i = 0u; i < kLinearRowsPerThread * kLinearPanels; ++i) products[i] = 0;
      for (uint k = part; k < part + kStepWords; ++k) {
        int rows[kLinearRowsPerThread];
        [[unroll]] for (uint r = 0u; r < kLinearRowsPerThread; ++r) {
          rows[r] = tile_a[(first + r) * (kLinearTileWords + 1u) + k];
        }
        [[unroll]] for (uint p = 0u; p < kLinearPanels; ++p) {
          const int weight = tile_w[(p * kLinearTileWords + k) * kLanes + lane];
          [[unroll]] for (uint r = 0u; r < kLinearRowsPerThread; ++r) {
            products[r * kLinearPanels + p] = dot4(rows[r], weight, products[r * kLinearPanels + p]);
          }
        }
      }
      [[unroll]] for (uint p = 0u; p < kLinearPanels; ++p) {
        const int step_size = weight_step(first_panel + p, first_word + part, lane);
        [[unroll]] for (uint r = 0u; r < kLinearRowsPerThread; ++r) {
          sums[r * kLinearPanels + p] += step_size * products[r * kLinearPanels + p];
        }
      }
    }
    barrier();
  }
  [[unroll]] for (uint p = 0u; p < kLinearPanels; ++p) {
    [[unroll]] for (uint r = 0u; r < kLinearRowsPerThread; ++r) {
      store(first_row + first + r, (first_panel + p) * kLanes + lane, sums[r * kLinearPanels + p]);
    }
  }
}
