// Exact int8 products with vpdpbusd (unsigned times signed, summed in int32 without saturation). Signed activations
// are fed as a + 128; the start value subtracts 128 * sum(w) again (spec::LinearColumn::bias_minus_offset).
// Include after a lanes_*.h, dot_add(Ints& sum, Ints unsigned_bytes, Ints signed_bytes) and dot_add_words(Ints& sum,
// Ints a, Ints b): vpdpwssd, the products of both signed 16-bit halves of each lane.
#pragma once

namespace noggin::runtime {
namespace {

constexpr bool kOffsetActivations = true;
using Activations = Ints;
using Weights = Ints;

// Flipping the top bit of each byte adds 128 to it.
constexpr std::int32_t kOffsetBits = static_cast<std::int32_t>(0x80808080U);

NOGGIN_LANES std::int32_t word_at(const void* p) {
  std::int32_t word;
  __builtin_memcpy(&word, p, sizeof(word));
  return word;
}

NOGGIN_LANES void stage_inputs(const std::int8_t* a, std::size_t count, std::int8_t* to) {
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    const Ints bytes = load(reinterpret_cast<const std::int32_t*>(a + i));
    store(reinterpret_cast<std::int32_t*>(to + i), exclusive_or(bytes, all(kOffsetBits)));
  }
  for (; i < count; i += 4) {
    const std::int32_t word = word_at(a + i) ^ kOffsetBits;
    __builtin_memcpy(to + i, &word, sizeof(word));
  }
}
NOGGIN_LANES Activations load_activations(const std::int8_t* a) { return all(word_at(a)); }
NOGGIN_LANES Weights load_weights(const std::int8_t* w) { return load(reinterpret_cast<const std::int32_t*>(w)); }
NOGGIN_LANES void accumulate(Ints& sum, const Activations& a, const Weights& w) { dot_add(sum, a, w); }

// Weights as q + 8, which is unsigned, times the activations as they are; the start takes 8 * sum(a) away again.
struct Int4Weights {
  Ints first, second;  // inputs 0..3, inputs 4..7
};
NOGGIN_LANES Int4Weights load_int4(const std::int8_t* w) {
  const Ints nibble = all(0x0F0F0F0F), eight = all(0x08080808);
  const Ints both = load_weights(w);
  return {flipped_bits(both, eight, nibble), flipped_bits(shift_right_4(both), eight, nibble)};
}
// A sum over 32 inputs is -32,512 to 32,768; 256 less, it is 16 bits, which vpdpwssd multiplies by a sub-step and adds
// in one instruction, where a 32-bit product and a sum are three. The upper half of a sub-step's lane is 0.
constexpr std::int32_t kInt4Offset = 256;
NOGGIN_LANES std::size_t int4_span(std::size_t) { return 32; }
NOGGIN_LANES std::int32_t int4_start(const std::int8_t* a, std::size_t span) {
  Ints sums = all(0);
  for (std::size_t i = 0; i < span; i += 16) sums = add(sums, widen(a + i));
  return -8 * sum(sums) - kInt4Offset;
}
NOGGIN_LANES void accumulate_int4(Ints& sum, const std::int8_t* a, const Int4Weights& w) {
  dot_add(sum, w.first, all(word_at(a)));
  dot_add(sum, w.second, all(word_at(a + 4)));
}
NOGGIN_LANES void add_scaled(Ints& total, Ints sum, Ints steps) { dot_add_words(total, sum, steps); }

using Key = std::int8_t;
constexpr std::size_t kKeyGroup = 4;
NOGGIN_LANES void copy_key_group(const std::int8_t* from, Key* to) { __builtin_memcpy(to, from, kKeyGroup); }

NOGGIN_LANES std::int32_t query_word(const std::int8_t* q, std::size_t count) {
  if (count == kKeyGroup) return word_at(q) ^ kOffsetBits;
  std::int8_t bytes[kKeyGroup] = {};
  for (std::size_t i = 0; i < count; ++i) bytes[i] = q[i];
  return word_at(bytes) ^ kOffsetBits;
}
NOGGIN_LANES void accumulate_scores(Ints& sum, std::int32_t query, const Key* keys) {
  dot_add(sum, all(query), load_weights(keys));
}
NOGGIN_LANES void accumulate_values(Ints& sum, std::int32_t exponents, const std::int8_t* values) {
  dot_add(sum, all(exponents), load_weights(values));
}

}  // namespace
}  // namespace noggin::runtime
