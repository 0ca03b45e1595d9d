// Integer self-attention of all texts of a batch, over their true lengths (NUMERICS.md, attention).
#pragma once

#include "gpu/kernel.h"
#include "spec/exponential.h"
#include "spec/quant.h"

namespace noggin::gpu {

// Up to 16 queries of one text: the unit that a block works on, for one head.
struct QueryTile {
  std::uint32_t first_token;  // of the text, among all tokens of the batch
  std::uint32_t tokens;       // T of the text
  std::uint32_t first_query;  // within the text
};

// Eight threads share a query. Phase 0 finds each query's largest score; then the keys are processed in tiles of 32:
// one phase computes their exponents and transposes their values, the next adds up the weighted values. Scores are
// computed twice, so that no text is too long for a block's memory. Sums of integers are exact, so the tiling does not
// affect the result. kChannels: context channels per thread, 8 * kChannels >= W.
template <unsigned kChannels>
struct Attention {
  static constexpr unsigned kQueries = 16, kLanes = 8, kThreads = kQueries * kLanes;
  static constexpr unsigned kKeys = 32, kKeyWords = kKeys / kWordBytes;
  struct Shared {
    std::int32_t largest[kQueries][kLanes], denominators[kQueries][kLanes];
    alignas(4) std::int8_t exponents[kQueries][kKeys];                      // 0..127
    alignas(4) std::int8_t values[kChannels * kLanes][kKeys + kWordBytes];  // [channel][key], rows in different banks
  };
  struct State {
    std::int32_t largest, denominator;
    std::int32_t numerator[kChannels];
  };

  const std::int8_t* qkv;  // [N, qkv_stride]: [Q (H*W) | K (H*W) | V (H*W)]
  std::int8_t* context;    // [N, context_stride], columns H*W written
  const QueryTile* tiles;  // [tile_count]
  std::uint32_t tile_count, heads, head_width, qkv_stride, context_stride;
  float score_scale, value_scale, context_inverse_scale;

  unsigned blocks() const { return tile_count * heads; }
  NOGGIN_DEVICE unsigned phases(unsigned block) const { return 2 + 2 * divide_up(tiles[block / heads].tokens, kKeys); }
  NOGGIN_DEVICE void phase(unsigned phase, Place at, State& state, Shared& shared) const {
    const QueryTile tile = tiles[at.block / heads];
    const unsigned head = at.block % heads, query = at.thread / kLanes, lane = at.thread % kLanes;
    const bool real = tile.first_query + query < tile.tokens;
    if (phase == 0) {
      if (real) shared.largest[query][lane] = largest_score(tile, head, query, lane);
    } else if (phase + 1 == phases(at.block)) {
      if (real) write(tile, head, query, lane, state, shared);
    } else if (phase % 2 == 1) {
      const std::uint32_t first_key = phase / 2 * kKeys;
      if (phase == 1 && real) state.largest = largest_of(shared.largest[query]);
      if (real) exponents(tile, head, query, lane, first_key, state, shared);
      turn_values(tile, head, first_key, at.thread, shared);
    } else if (real) {
      add_weighted_values(query, lane, state, shared);
    }
  }

 private:
  NOGGIN_DEVICE const std::int8_t* row(const QueryTile& tile, std::uint32_t token, unsigned part, unsigned head) const {
    return qkv + std::size_t{tile.first_token + token} * qkv_stride + (std::size_t{part} * heads + head) * head_width;
  }

  NOGGIN_DEVICE std::int32_t score(const std::int8_t* q, const std::int8_t* k) const {
    std::int32_t dot = 0;
    if (head_width % kWordBytes == 0) {  // then every head starts at a word boundary
      for (std::uint32_t c = 0; c < head_width; c += kWordBytes) dot = dot4(load_word(q + c), load_word(k + c), dot);
    } else {
      for (std::uint32_t c = 0; c < head_width; ++c) dot += q[c] * k[c];
    }
    return dot;
  }

  // Lanes beyond the last key use the first key's score again, which does not change the maximum.
  NOGGIN_DEVICE std::int32_t largest_score(const QueryTile& tile, unsigned head, unsigned query, unsigned lane) const {
    const std::int8_t* q = row(tile, tile.first_query + query, 0, head);
    std::int32_t largest = score(q, row(tile, lane < tile.tokens ? lane : 0, 1, head));
    for (std::uint32_t j = lane + kLanes; j < tile.tokens; j += kLanes) {
      const std::int32_t dot = score(q, row(tile, j, 1, head));
      largest = dot > largest ? dot : largest;
    }
    return largest;
  }

  NOGGIN_DEVICE static std::int32_t largest_of(const std::int32_t* lanes) {
    std::int32_t largest = lanes[0];
    for (unsigned i = 1; i < kLanes; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
    return largest;
  }

  NOGGIN_DEVICE void exponents(const QueryTile& tile, unsigned head, unsigned query, unsigned lane,
                               std::uint32_t first_key, State& state, Shared& shared) const {
    const std::int8_t* q = row(tile, tile.first_query + query, 0, head);
    for (unsigned j = lane; j < kKeys; j += kLanes) {
      std::int32_t exponent = 0;  // of an absent key
      if (first_key + j < tile.tokens) {
        const std::int32_t dot = score(q, row(tile, first_key + j, 1, head));
        exponent = spec::device::attention_exponent(dot - state.largest, score_scale);
      }
      state.denominator += exponent;
      shared.exponents[query][j] = static_cast<std::int8_t>(exponent);
    }
    shared.denominators[query][lane] = state.denominator;
  }

  NOGGIN_DEVICE void turn_values(const QueryTile& tile, unsigned head, std::uint32_t first_key, unsigned thread,
                                 Shared& shared) const {
    for (unsigned i = thread; i < kKeys * head_width; i += kThreads) {
      const unsigned j = i / head_width, c = i % head_width;
      const bool inside = first_key + j < tile.tokens;
      shared.values[c][j] = inside ? row(tile, first_key + j, 2, head)[c] : std::int8_t{0};
    }
  }

  NOGGIN_DEVICE void add_weighted_values(unsigned query, unsigned lane, State& state, const Shared& shared) const {
    for (unsigned i = 0; i < kChannels; ++i) {
      const unsigned c = lane + i * kLanes;
      if (c >= head_width) return;
      for (unsigned word = 0; word < kKeyWords; ++word) {
        state.numerator[i] = dot4(load_word(shared.exponents[query] + word * kWordBytes),
                                  load_word(shared.values[c] + word * kWordBytes), state.numerator[i]);
      }
    }
  }

  NOGGIN_DEVICE void write(const QueryTile& tile, unsigned head, unsigned query, unsigned lane, const State& state,
                           const Shared& shared) const {
    std::int32_t denominator = 0;
    for (unsigned i = 0; i < kLanes; ++i) denominator += shared.denominators[query][i];
    const float factor = value_scale / static_cast<float>(denominator);
    std::int8_t* out = context + std::size_t{tile.first_token + tile.first_query + query} * context_stride +
                       std::size_t{head} * head_width;
    for (unsigned i = 0; i < kChannels; ++i) {
      const unsigned c = lane + i * kLanes;
      if (c >= head_width) return;
      out[c] = spec::quantize_activation(static_cast<float>(state.numerator[i]) * factor, context_inverse_scale);
    }
  }
};

}  // namespace noggin::gpu
