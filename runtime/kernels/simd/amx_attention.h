// Integer attention on AMX tiles. Per head: keys and values are packed into panels once, then up to sixteen queries at
// a time are multiplied with all keys, go through the exponents, and are multiplied with all values.
#pragma once

#include "kernels/attention_scratch.h"
#include "kernels/simd/amx_linear.h"
#include "kernels/simd/amx_tiles.h"
#include "kernels/simd/exponent_lanes.h"

namespace noggin::runtime {
namespace {

// How `size` inputs of a product are divided into tiles of equal width, in whole groups of four.
struct Steps {
  std::size_t count, breadth;
  NOGGIN_LANES explicit Steps(std::size_t size) : count((size + kTileBytes - 1) / kTileBytes) {
    breadth = spec::round_up((size + count - 1) / count, spec::kPanelInputs);
  }
  NOGGIN_LANES std::size_t padded() const { return count * breadth; }
};

// One head: its operands and its parts of the scratch memory.
struct TileHead {
  const std::int8_t *q, *k, *v;  // first row
  std::size_t stride, tokens, width;
  Steps width_steps, token_steps;
  std::int8_t* keys;         // [T/16][W padded / 4][16][4]
  std::int8_t* values;       // [W/16][T padded / 4][16][4]
  std::int32_t* scores;      // [16, T padded to 16]
  std::uint8_t* exponents;   // [16, T padded]
  std::int32_t* numerators;  // [16, 64]
};

NOGGIN_LANES TileHead make_tile_head(const AttentionArguments& arguments, std::size_t head) {
  const TileScratchSizes sizes(arguments.tokens, arguments.head_width);
  const std::size_t group = arguments.heads * arguments.head_width;
  const std::int8_t* q = arguments.qkv + head * arguments.head_width;
  std::byte* keys = arguments.scratch;
  std::byte* values = keys + sizes.keys;
  std::byte* scores = values + sizes.values;
  std::byte* exponents = scores + sizes.scores;
  std::byte* numerators = exponents + sizes.exponents;
  return {q,
          q + group,
          q + 2 * group,
          arguments.qkv_stride,
          arguments.tokens,
          arguments.head_width,
          Steps(arguments.head_width),
          Steps(arguments.tokens),
          reinterpret_cast<std::int8_t*>(keys),
          reinterpret_cast<std::int8_t*>(values),
          reinterpret_cast<std::int32_t*>(scores),
          reinterpret_cast<std::uint8_t*>(exponents),
          reinterpret_cast<std::int32_t*>(numerators)};
}

// Tiles 0..3 hold sums, 4 queries, 5 keys, 6 exponents, 7 values.
NOGGIN_LANES TileShapes attention_shapes(std::size_t queries, const Steps& width, const Steps& tokens) {
  TileShapes shapes;
  for (int tile = 0; tile < 4; ++tile) set_tile(shapes, tile, queries, kTileBytes);
  set_tile(shapes, 4, queries, width.breadth);
  set_tile(shapes, 5, width.breadth / spec::kPanelInputs, kTileBytes);
  set_tile(shapes, 6, queries, tokens.breadth);
  set_tile(shapes, 7, tokens.breadth / spec::kPanelInputs, kTileBytes);
  return shapes;
}

// Sixteen rows of sixteen words -> their transpose.
NOGGIN_LANES void transpose(__m512i (&rows)[16]) {
  __m512i pairs[16];
  for (int i = 0; i < 16; i += 4) {  // 2 x 2 blocks of words, then of pairs of words
    const __m512i low01 = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    const __m512i high01 = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    const __m512i low23 = _mm512_unpacklo_epi32(rows[i + 2], rows[i + 3]);
    const __m512i high23 = _mm512_unpackhi_epi32(rows[i + 2], rows[i + 3]);
    pairs[i] = _mm512_unpacklo_epi64(low01, low23);
    pairs[i + 1] = _mm512_unpackhi_epi64(low01, low23);
    pairs[i + 2] = _mm512_unpacklo_epi64(high01, high23);
    pairs[i + 3] = _mm512_unpackhi_epi64(high01, high23);
  }
  for (int i = 0; i < 4; ++i) {  // quarters
    const __m512i even_low = _mm512_shuffle_i32x4(pairs[i], pairs[i + 4], 0x88);
    const __m512i odd_low = _mm512_shuffle_i32x4(pairs[i], pairs[i + 4], 0xDD);
    const __m512i even_high = _mm512_shuffle_i32x4(pairs[i + 8], pairs[i + 12], 0x88);
    const __m512i odd_high = _mm512_shuffle_i32x4(pairs[i + 8], pairs[i + 12], 0xDD);
    rows[i] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    rows[i + 8] = _mm512_shuffle_i32x4(even_low, even_high, 0xDD);
    rows[i + 4] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    rows[i + 12] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xDD);
  }
}

NOGGIN_LANES __mmask64 first_bytes(std::size_t count) {
  return count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
}

// Absent inputs are zero; absent keys hold anything: their scores are never read.
void pack_tile_keys(const TileHead& head) {
  const std::size_t breadth = head.width_steps.padded();
  std::int8_t* to = head.keys;
  for (std::size_t j = 0; j < head.tokens; j += kTileRows, to += breadth * kTileRows) {
    const std::size_t count = lanes_at(j, head.tokens);
    for (std::size_t c = 0; c < breadth; c += kTileBytes) {
      const __mmask64 present = first_bytes(head.width > c ? head.width - c : 0);
      const std::int8_t* key = head.k + j * head.stride + c;
      __m512i rows[16];
      for (std::size_t i = 0; i < 16; ++i) {
        rows[i] = i < count ? _mm512_maskz_loadu_epi8(present, key + i * head.stride) : _mm512_setzero_si512();
      }
      transpose(rows);
      const std::size_t groups = (breadth - c < kTileBytes ? breadth - c : kTileBytes) / spec::kPanelInputs;
      std::int8_t* group = to + c * kTileRows;
      for (std::size_t i = 0; i < groups; ++i) _mm512_storeu_si512(group + i * kTileBytes, rows[i]);
    }
  }
}

// Absent tokens and channels hold anything: their exponents are zero, their numerators never read.
void pack_tile_values(const TileHead& head) {
  const std::size_t groups = head.token_steps.padded() / spec::kPanelInputs;
  for (std::size_t c = 0; c < head.width; c += kLanes) {
    const std::size_t channels = lanes_at(c, head.width);
    std::int8_t* to = head.values + c * groups * spec::kPanelInputs;
    for (std::size_t j = 0; j < head.tokens; j += 4, to += kPanelStep) {
      const __mmask16 present = first_bytes(channels) & 0xFFFF;
      const auto row = [&](std::size_t i) {
        const std::int8_t* value = head.v + (j + i) * head.stride + c;
        return j + i < head.tokens ? _mm_maskz_loadu_epi8(present, value) : _mm_setzero_si128();
      };
      interleave(row(0), row(1), row(2), row(3), to);
    }
  }
}

template <int kTile>
NOGGIN_LANES void score_tile(const TileHead& head, const std::int8_t* queries, const std::int8_t* keys) {
  const std::size_t breadth = head.width_steps.breadth;
  clear_tile<kTile>();
  for (std::size_t s = 0; s < head.width_steps.count; ++s) {
    load_tile<4>(queries + s * breadth, head.stride);
    load_tile<5>(keys + s * breadth * kTileRows, kTileBytes);
    multiply_tiles<kTile, 4, 5>();
  }
}

// Dot products of a tile of queries and all keys -> head.scores.
void score_all(const TileHead& head, const std::int8_t* queries) {
  const std::size_t keys_bytes = head.width_steps.padded() * kTileRows;  // of sixteen keys
  const std::size_t row_bytes = spec::round_up(head.tokens, kTileRows) * sizeof(std::int32_t);
  const std::int8_t* keys = head.keys;
  std::int32_t* scores = head.scores;
  for (std::size_t j = 0; j < head.tokens; j += 2 * kTileRows, keys += 2 * keys_bytes, scores += 2 * kTileRows) {
    score_tile<0>(head, queries, keys);
    if (j + kTileRows < head.tokens) score_tile<1>(head, queries, keys + keys_bytes);
    store_tile<0>(scores, row_bytes);
    if (j + kTileRows < head.tokens) store_tile<1>(scores + kTileRows, row_bytes);
  }
}

// Scores of one query -> its exponents, absent ones zero; returns their sum.
NOGGIN_LANES std::int32_t tile_exponents(const TileHead& head, std::size_t query, Floats score_scale) {
  const std::int32_t* scores = head.scores + query * spec::round_up(head.tokens, kLanes);
  std::uint8_t* exponents = head.exponents + query * spec::round_up(head.token_steps.padded(), kLanes);
  const std::size_t last = (head.tokens - 1) / kLanes * kLanes;  // the last, perhaps partial, sixteen
  const __mmask16 present = first_lanes(head.tokens - last);
  const __m512i lowest = _mm512_set1_epi32(INT32_MIN);
  const Ints end = {_mm512_mask_loadu_epi32(lowest, present, scores + last)};
  Ints lanes_max = end;
  for (std::size_t j = 0; j < last; j += kLanes) lanes_max = larger(lanes_max, load(scores + j));
  const Ints max = all(largest(lanes_max));
  Ints total = all(std::int32_t{0});
  for (std::size_t j = 0; j < last; j += kLanes) {
    const Ints e = attention_exponents(subtract(load(scores + j), max), score_scale);
    store_bytes(exponents + j, e);
    total = add(total, e);
  }
  const Ints e = {_mm512_maskz_mov_epi32(present, attention_exponents(subtract(end, max), score_scale))};
  store_bytes(exponents + last, e);
  for (std::size_t j = last + kLanes; j < head.token_steps.padded(); j += kLanes) {
    store_bytes(exponents + j, all(std::int32_t{0}));
  }
  return sum(add(total, e));
}

template <int kTile>
NOGGIN_LANES void mix_tile(const TileHead& head, const std::int8_t* values) {
  const std::size_t breadth = head.token_steps.breadth;
  const std::size_t row_bytes = spec::round_up(head.token_steps.padded(), kLanes);
  clear_tile<kTile>();
  for (std::size_t s = 0; s < head.token_steps.count; ++s) {
    load_tile<6>(head.exponents + s * breadth, row_bytes);
    load_tile<7>(values + s * breadth * kTileRows, kTileBytes);
    multiply_unsigned_tiles<kTile, 6, 7>();
  }
  store_tile<kTile>(head.numerators + kTile * kLanes, kBlockOutputs * sizeof(std::int32_t));
}

// The weighted values of a tile of queries, divided and quantized, for up to 64 channels from c on.
NOGGIN_LANES void mix(const TileHead& head, std::size_t c, std::size_t queries, const float* factor, Floats inverse,
                      std::int8_t* context, std::size_t context_stride) {
  const std::size_t panel_bytes = head.token_steps.padded() * kLanes;
  const std::int8_t* values = head.values + c / kLanes * panel_bytes;
  const std::size_t channels = head.width - c < kTileBytes ? head.width - c : kTileBytes;
  mix_tile<0>(head, values);
  if (channels > 16) mix_tile<1>(head, values + panel_bytes);
  if (channels > 32) mix_tile<2>(head, values + 2 * panel_bytes);
  if (channels > 48) mix_tile<3>(head, values + 3 * panel_bytes);
  const __mmask64 present = first_bytes(channels);
  for (std::size_t i = 0; i < queries; ++i) {
    const std::int32_t* numerators = head.numerators + i * kBlockOutputs;
    const Floats f = all(factor[i]);
    const auto y = [&](std::size_t lane) { return multiply(multiply(to_float(load(numerators + lane)), f), inverse); };
    const Bytes q = quantize_four(y(0), y(16), y(32), y(48));
    _mm512_mask_storeu_epi8(context + i * context_stride + c, present, q.v);
  }
}

void attend_on_tiles(const AttentionArguments& arguments) {
  const RowTiles rows(arguments.query_count());
  const TilesInUse in_use(attention_shapes(rows.height, Steps(arguments.head_width), Steps(arguments.tokens)));
  const Floats score_scale = all(arguments.score_scale), inverse = all(arguments.context_inverse_scale);
  for (std::size_t h = 0; h < arguments.heads; ++h) {
    const TileHead head = make_tile_head(arguments, h);
    pack_tile_keys(head);
    pack_tile_values(head);
    for (std::size_t tile = 0; tile < rows.tiles; ++tile) {
      const std::size_t query = rows.first_row(tile);
      score_all(head, head.q + (arguments.begin_query + query) * head.stride);
      float factor[kTileRows];
      for (std::size_t i = 0; i < rows.height; ++i) {
        factor[i] = arguments.value_scale / static_cast<float>(tile_exponents(head, i, score_scale));
      }
      std::int8_t* context = arguments.context + query * arguments.context_stride + h * head.width;
      for (std::size_t c = 0; c < head.width; c += kTileBytes) {
        mix(head, c, rows.height, factor, inverse, context, arguments.context_stride);
      }
    }
  }
}

}  // namespace
}  // namespace noggin::runtime
