// Integer attention. Both products are shaped like a linear layer: scores take the keys, and values the sums, from
// panels of sixteen outputs that are packed once per head. Include after linear_steps.h's definitions and these:
//   Key, kKeyGroup                        element of a packed key, and how many inputs form a group of 64 bytes
//   copy_key_group(const int8_t*, Key*)   kKeyGroup elements of a key
//   query_word(const int8_t*, count)      `count` <= kKeyGroup elements of a query as one word, the rest as zeros
//   accumulate_scores(Ints&, word, const Key*)          one query group times a group of sixteen keys
//   accumulate_values(Ints&, word, const int8_t*)       four exponents (0..127) times a group of sixteen channels
#pragma once

#include "kernels/attention_scratch.h"
#include "kernels/simd/exponent_lanes.h"
#include "kernels/simd/linear_steps.h"

namespace noggin::runtime {
namespace {

constexpr std::size_t kLargestHeadWidth = 256;  // spec::kMaxHeadWidth; checked where models are validated

// One head: its operands, and how scratch is divided.
struct Head {
  const std::int8_t *q, *k, *v;  // first row
  std::size_t stride, tokens, width, tokens_padded, key_groups, value_groups;
  Key* keys;                // [T/16][W/kKeyGroup][16][kKeyGroup]
  std::int32_t* start;      // [T]
  std::int8_t* values;      // [W/16][T/4][16][4]
  std::int32_t* scores;     // [kQueryBlock, T]
  std::uint8_t* exponents;  // [kQueryBlock, T]
};

NOGGIN_LANES Head make_head(const AttentionArguments& arguments, std::size_t head) {
  const AttentionScratchSizes sizes(arguments.tokens, arguments.head_width);
  const std::size_t group = arguments.heads * arguments.head_width;
  std::byte* scratch = arguments.scratch;
  Head h = {};
  h.q = arguments.qkv + head * arguments.head_width;
  h.k = h.q + group;
  h.v = h.k + group;
  h.stride = arguments.qkv_stride;
  h.tokens = arguments.tokens;
  h.width = arguments.head_width;
  h.tokens_padded = sizes.tokens_padded;
  h.key_groups = (h.width + kKeyGroup - 1) / kKeyGroup;
  h.value_groups = (h.tokens + 3) / 4;
  h.keys = reinterpret_cast<Key*>(scratch);
  h.start = reinterpret_cast<std::int32_t*>(scratch + sizes.keys);
  h.values = reinterpret_cast<std::int8_t*>(scratch + sizes.keys + sizes.key_offset);
  h.scores = reinterpret_cast<std::int32_t*>(scratch + sizes.keys + sizes.key_offset + sizes.values);
  h.exponents = reinterpret_cast<std::uint8_t*>(scratch + sizes.keys + sizes.key_offset + sizes.values + sizes.scores);
  return h;
}

// Keys into panels, absent ones and absent inputs zero.
void pack_keys(const Head& head) {
  constexpr std::size_t kGroup = kLanes * kKeyGroup;
  const std::size_t whole_groups = head.width / kKeyGroup;
  for (std::size_t j = 0; j < head.tokens_padded; ++j) {
    Key* to = head.keys + (j / kLanes) * head.key_groups * kGroup + (j % kLanes) * kKeyGroup;
    const std::int8_t* key = head.k + j * head.stride;
    const std::size_t groups = j < head.tokens ? whole_groups : 0;
    for (std::size_t g = 0; g < groups; ++g) copy_key_group(key + g * kKeyGroup, to + g * kGroup);
    const std::size_t width = j < head.tokens ? head.width : 0;
    for (std::size_t g = groups; g < head.key_groups; ++g) {
      for (std::size_t i = 0; i < kKeyGroup; ++i) {
        const std::size_t c = g * kKeyGroup + i;
        to[g * kGroup + i] = c < width ? key[c] : Key{0};
      }
    }
  }
}

// A query of zeros must score zero: what it scores instead (the +128 of an offset product) is subtracted from every
// score.
void find_start(const Head& head) {
  const std::int8_t zeros[kKeyGroup] = {};
  const std::int32_t zero_query = query_word(zeros, kKeyGroup);
  const Key* key = head.keys;
  for (std::size_t j = 0; j < head.tokens_padded; j += kLanes) {
    Ints sum = all(std::int32_t{0});
    for (std::size_t g = 0; g < head.key_groups; ++g, key += kLanes * kKeyGroup) {
      accumulate_scores(sum, zero_query, key);
    }
    store(head.start + j, subtract(all(std::int32_t{0}), sum));
  }
}

// Values into panels whose inputs are tokens; absent tokens and channels zero.
void pack_values(const Head& head) {
  std::int8_t* to = head.values;
  for (std::size_t c = 0; c < head.width; c += kLanes) {
    const std::size_t channels = lanes_at(c, head.width);
    for (std::size_t j = 0; j < head.tokens; j += 4, to += kPanelStep) {
      alignas(16) std::int8_t edge[4][kLanes] = {};
      const std::int8_t* rows[4];
      for (std::size_t i = 0; i < 4; ++i) {
        rows[i] = edge[i];
        if (j + i >= head.tokens) continue;
        const std::int8_t* row = head.v + (j + i) * head.stride + c;
        if (channels == kLanes) {
          rows[i] = row;
        } else {
          copy_bytes(edge[i], row, channels);
        }
      }
      interleave(rows, to);
    }
  }
}

struct QueryWords {
  std::int32_t words[kQueryBlock][kLargestHeadWidth / kKeyGroup];
};

// Scores of kQueries queries for sixteen keys at a time -> head.scores.
template <int kQueries>
NOGGIN_LANES void score(const Head& head, const QueryWords& queries) {
  const Key* key = head.keys;
  for (std::size_t j = 0; j < head.tokens_padded; j += kLanes) {
    const Ints start = load(head.start + j);
    Ints s0 = start, s1 = start, s2 = start, s3 = start;
    for (std::size_t g = 0; g < head.key_groups; ++g, key += kLanes * kKeyGroup) {
      accumulate_scores(s0, queries.words[0][g], key);
      if constexpr (kQueries > 1) accumulate_scores(s1, queries.words[1][g], key);
      if constexpr (kQueries > 2) accumulate_scores(s2, queries.words[2][g], key);
      if constexpr (kQueries > 3) accumulate_scores(s3, queries.words[3][g], key);
    }
    store(head.scores + j, s0);
    if constexpr (kQueries > 1) store(head.scores + head.tokens_padded + j, s1);
    if constexpr (kQueries > 2) store(head.scores + 2 * head.tokens_padded + j, s2);
    if constexpr (kQueries > 3) store(head.scores + 3 * head.tokens_padded + j, s3);
  }
}

// Scores of one query -> its exponents; returns their sum.
NOGGIN_LANES std::int32_t exponents_of(const Head& head, std::size_t query, float score_scale) {
  const std::int32_t* scores = head.scores + query * head.tokens_padded;
  std::uint8_t* exponents = head.exponents + query * head.tokens_padded;
  std::int32_t max = scores[0];
  const std::size_t whole = head.tokens / kLanes * kLanes;
  if (whole > 0) {
    Ints lanes_max = load(scores);
    for (std::size_t j = kLanes; j < whole; j += kLanes) lanes_max = larger(lanes_max, load(scores + j));
    max = largest(lanes_max);
  }
  for (std::size_t j = whole; j < head.tokens; ++j) max = scores[j] > max ? scores[j] : max;
  Ints total = all(std::int32_t{0});
  for (std::size_t j = 0; j < head.tokens; j += kLanes) {
    Ints e = attention_exponents(subtract(load(scores + j), all(max)), all(score_scale));
    if (head.tokens - j < kLanes) e = keep(e, head.tokens - j);
    store_bytes(exponents + j, e);
    total = add(total, e);
  }
  return sum(total);
}

NOGGIN_LANES std::int32_t exponent_word(const std::uint8_t* exponents) {
  std::int32_t word;
  __builtin_memcpy(&word, exponents, sizeof(word));
  return word;
}

// The weighted values of kQueries queries, divided and quantized into their context rows.
template <int kQueries>
NOGGIN_LANES void mix_values(const Head& head, const AttentionArguments& arguments, const float* factor,
                             std::int8_t* context) {
  const Floats inverse = all(arguments.context_inverse_scale);
  const std::int8_t* value = head.values;
  const std::size_t row = head.tokens_padded;
  for (std::size_t c = 0; c < head.width; c += kLanes) {
    const Ints zero = all(std::int32_t{0});
    Ints s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    const std::uint8_t* e = head.exponents;
    for (std::size_t g = 0; g < head.value_groups; ++g, e += 4, value += kPanelStep) {
      accumulate_values(s0, exponent_word(e), value);
      if constexpr (kQueries > 1) accumulate_values(s1, exponent_word(e + row), value);
      if constexpr (kQueries > 2) accumulate_values(s2, exponent_word(e + 2 * row), value);
      if constexpr (kQueries > 3) accumulate_values(s3, exponent_word(e + 3 * row), value);
    }
    const auto finish = [&](const Ints& numerator, std::size_t query) {
      const Floats y = multiply(to_float(numerator), all(factor[query]));
      store_bytes_part(context + query * arguments.context_stride + c, quantize_lanes(y, inverse),
                       lanes_at(c, head.width));
    };
    finish(s0, 0);
    if constexpr (kQueries > 1) finish(s1, 1);
    if constexpr (kQueries > 2) finish(s2, 2);
    if constexpr (kQueries > 3) finish(s3, 3);
  }
}

// query: counted from arguments.begin_query.
template <int kQueries>
void attend(const Head& head, const AttentionArguments& arguments, std::size_t query, std::int8_t* context) {
  QueryWords queries;
  for (std::size_t i = 0; i < kQueries; ++i) {
    const std::int8_t* q = head.q + (arguments.begin_query + query + i) * head.stride;
    for (std::size_t g = 0; g < head.key_groups; ++g) {
      const std::size_t left = head.width - g * kKeyGroup;
      queries.words[i][g] = query_word(q + g * kKeyGroup, left < kKeyGroup ? left : kKeyGroup);
    }
  }
  score<kQueries>(head, queries);
  float factor[kQueries];
  for (std::size_t i = 0; i < kQueries; ++i) {
    factor[i] = arguments.value_scale / static_cast<float>(exponents_of(head, i, arguments.score_scale));
  }
  mix_values<kQueries>(head, arguments, factor, context + query * arguments.context_stride);
}

void attend_all(const AttentionArguments& arguments) {
  static_assert(kQueryBlock == 4);
  for (std::size_t h = 0; h < arguments.heads; ++h) {
    const Head head = make_head(arguments, h);
    std::int8_t* context = arguments.context + h * arguments.head_width;
    pack_keys(head);
    find_start(head);
    pack_values(head);
    const std::size_t queries = arguments.query_count();
    std::size_t query = 0;
    for (; query + 4 <= queries; query += 4) attend<4>(head, arguments, query, context);
    if (queries - query == 3) attend<3>(head, arguments, query, context);
    if (queries - query == 2) attend<2>(head, arguments, query, context);
    if (queries - query == 1) attend<1>(head, arguments, query, context);
  }
}

}  // namespace
}  // namespace noggin::runtime
