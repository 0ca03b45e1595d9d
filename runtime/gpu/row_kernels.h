// The float operations on rows: embedding, residual + LayerNorm + quantize, pooling + quantize. Definitions:
// NUMERICS.md. N counts the tokens of all texts of a batch, B its texts, D the model width.
#pragma once

#include <cmath>

#include "gpu/kernel.h"
#include "spec/quant.h"

namespace noggin::gpu {

struct Empty {};

// x[n, d] = word[ids[n], d] * its scale + position[positions[n], d] * its scale. One block per token.
struct Embed {
  static constexpr unsigned kThreads = 128;
  using Shared = Empty;
  using State = Empty;

  const std::int8_t *word, *position;          // [V, D], [P, D]
  const float *word_scales, *position_scales;  // [V], [P]
  const std::uint32_t *token_ids, *positions;  // [N]
  float* x;                                    // [N, D]
  std::uint32_t tokens, width;

  unsigned blocks() const { return tokens; }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 1; }
  NOGGIN_DEVICE void phase(unsigned, Place at, State&, Shared&) const {
    const std::size_t id = token_ids[at.block], place = positions[at.block];
    const float word_scale = word_scales[id], position_scale = position_scales[place];
    for (std::size_t d = at.thread; d < width; d += kThreads) {
      x[at.block * std::size_t{width} + d] = static_cast<float>(word[id * width + d]) * word_scale +
                                             static_cast<float>(position[place * width + d]) * position_scale;
    }
  }
};

// The integers of a narrow word table, row by row: rows[n, e] = word[ids[n], e]; the padding of a row to the next
// multiple of spec::kInputPadding is multiplied by zero weights. One block per token.
struct GatherRows {
  static constexpr unsigned kThreads = 128;
  using Shared = Empty;
  using State = Empty;

  const std::int8_t* word;         // [V, E]
  const std::uint32_t* token_ids;  // [N]
  std::int8_t* rows;               // [N, stride]
  std::uint32_t width, stride, tokens;

  unsigned blocks() const { return tokens; }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 1; }
  NOGGIN_DEVICE void phase(unsigned, Place at, State&, Shared&) const {
    const std::int8_t* from = word + std::size_t{token_ids[at.block]} * width;
    for (std::size_t e = at.thread; e < width; e += kThreads) rows[at.block * std::size_t{stride} + e] = from[e];
  }
};

// x[n, d] = x[n, d] * the scale of word ids[n] + position[positions[n], d] * its scale. One block per token.
struct ScaleAndAdd {
  static constexpr unsigned kThreads = 128;
  using Shared = Empty;
  using State = Empty;

  const std::int8_t* position;                 // [P, D]
  const float *word_scales, *position_scales;  // [V], [P]
  const std::uint32_t *token_ids, *positions;  // [N]
  float* x;                                    // [N, D]
  std::uint32_t tokens, width;

  unsigned blocks() const { return tokens; }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 1; }
  NOGGIN_DEVICE void phase(unsigned, Place at, State&, Shared&) const {
    const std::size_t place = positions[at.block];
    const float word_scale = word_scales[token_ids[at.block]], position_scale = position_scales[place];
    for (std::size_t d = at.thread; d < width; d += kThreads) {
      float& value = x[at.block * std::size_t{width} + d];
      value = value * word_scale + static_cast<float>(position[place * width + d]) * position_scale;
    }
  }
};

// x = layer_norm(x + residual) * gamma + beta in place, then its int8 form. Sixteen threads hold the sixteen partial
// sums of a row, each over the elements that NUMERICS.md gives it, so the order of a row's sum is fixed whatever else
// the block does.
struct AddLayerNorm {
  static constexpr unsigned kPartials = 16, kRows = 8, kThreads = kPartials * kRows;
  struct Shared {
    float sums[kRows][kPartials], squares[kRows][kPartials];
  };
  struct State {
    float mean;
  };

  float* x;                              // [rows, D]
  const float *residual, *gamma, *beta;  // [rows, D] or null; [D]; [D]
  float epsilon, inverse_scale;
  std::int8_t* quantized;  // [rows, stride] or null
  std::uint32_t quantized_stride, rows, width;

  unsigned blocks() const { return divide_up(rows, kRows); }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 3; }
  NOGGIN_DEVICE void phase(unsigned phase, Place at, State& state, Shared& shared) const {
    const unsigned local = at.thread / kPartials, partial = at.thread % kPartials;
    const std::size_t row = at.block * std::size_t{kRows} + local;
    if (row >= rows) return;
    const auto count = static_cast<float>(width);
    if (phase == 0) {
      shared.sums[local][partial] = add_and_sum(row, partial);
    } else if (phase == 1) {
      state.mean = tree_sum(shared.sums[local]) / count;
      shared.squares[local][partial] = sum_of_squares(row, partial, state.mean);
    } else {
      const float variance = tree_sum(shared.squares[local]) / count;
      write(row, partial, state.mean, 1.0F / std::sqrt(variance + epsilon));
    }
  }

 private:
  NOGGIN_DEVICE float add_and_sum(std::size_t row, unsigned partial) const {
    float sum = 0.0F;
    for (std::size_t i = row * width + partial; i < (row + 1) * width; i += kPartials) {
      if (residual != nullptr) x[i] = x[i] + residual[i];
      sum += x[i];
    }
    return sum;
  }

  NOGGIN_DEVICE float sum_of_squares(std::size_t row, unsigned partial, float mean) const {
    float sum = 0.0F;
    for (std::size_t i = row * width + partial; i < (row + 1) * width; i += kPartials) {
      sum += (x[i] - mean) * (x[i] - mean);
    }
    return sum;
  }

  // Every thread of a row adds up the whole tree itself: fifteen additions cost less than four barriers.
  NOGGIN_DEVICE static float tree_sum(const float* partials) {
    float sums[kPartials];
    for (unsigned i = 0; i < kPartials; ++i) sums[i] = partials[i];
    for (unsigned half = kPartials / 2; half > 0; half /= 2) {
      for (unsigned i = 0; i < half; ++i) sums[i] += sums[i + half];
    }
    return sums[0];
  }

  NOGGIN_DEVICE void write(std::size_t row, unsigned partial, float mean, float inverse) const {
    for (std::size_t d = partial; d < width; d += kPartials) {
      float& value = x[row * width + d];
      value = ((value - mean) * inverse) * gamma[d] + beta[d];
      if (quantized != nullptr) quantized[row * quantized_stride + d] = spec::quantize_activation(value, inverse_scale);
    }
  }
};

// The head's int8 input: the mean over a text's tokens in order, or its first token's row. One thread per channel.
struct Pool {
  static constexpr unsigned kThreads = 128;
  using Shared = Empty;
  using State = Empty;

  const float* x;                // [N, D]
  const std::uint32_t* offsets;  // [B + 1]: text b is the tokens offsets[b] .. offsets[b + 1]
  float inverse_scale;
  std::int8_t* quantized;  // [B, stride]
  std::uint32_t quantized_stride, texts, width;
  bool mean;

  unsigned blocks() const { return texts * divide_up(width, kThreads); }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 1; }
  NOGGIN_DEVICE void phase(unsigned, Place at, State&, Shared&) const {
    const std::uint32_t tiles = divide_up(width, kThreads), text = at.block / tiles;
    const std::size_t d = at.block % tiles * kThreads + at.thread;
    if (d >= width) return;
    const std::size_t first = offsets[text], end = offsets[text + 1];
    float pooled = x[first * width + d];
    if (mean) {
      for (std::size_t t = first + 1; t < end; ++t) pooled += x[t * width + d];
      pooled = pooled / static_cast<float>(end - first);
    }
    quantized[std::size_t{text} * quantized_stride + d] = spec::quantize_activation(pooled, inverse_scale);
  }
};

}  // namespace noggin::gpu
