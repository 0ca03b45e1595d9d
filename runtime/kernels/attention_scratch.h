// How the vector kernels divide AttentionArguments::scratch. One head at a time: its keys and values are repacked once,
// then queries are processed in blocks. All parts start at 64-byte boundaries. Constant arithmetic only, which the
// optimizer folds into the instruction-set files.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/layout.h"

namespace noggin::runtime {

inline constexpr std::size_t kQueryBlock = 4;

struct AttentionScratchSizes {
  std::size_t tokens_padded;  // to whole panels
  std::size_t width_padded;
  std::size_t keys;        // [T/16][W/2][16][2] int16, or panels of int8 in its first half
  std::size_t key_offset;  // [T] int32: start values of the scores
  std::size_t values;      // [W/16][T/4][16][4] int8
  std::size_t scores;      // [kQueryBlock, T] int32
  std::size_t exponents;   // [kQueryBlock, T] uint8

  constexpr AttentionScratchSizes(std::size_t tokens, std::size_t head_width)
      : tokens_padded(spec::round_up(tokens, 16)),
        width_padded(spec::round_up(head_width, 16)),
        keys(spec::round_up(tokens_padded * width_padded * 2, 64)),
        key_offset(spec::round_up(tokens_padded * 4, 64)),
        values(spec::round_up(tokens_padded * width_padded, 64)),
        scores(spec::round_up(kQueryBlock * tokens_padded * 4, 64)),
        exponents(spec::round_up(kQueryBlock * tokens_padded, 64)) {}
  constexpr std::size_t total() const { return keys + key_offset + values + scores + exponents; }
};

// The same for tiles (simd/amx_attention.h): up to sixteen queries at a time, widths and tokens padded to whole tiles.
struct TileScratchSizes {
  std::size_t tokens_padded;
  std::size_t keys;        // [T/16][W/4][16][4] int8
  std::size_t values;      // [W/16][T/4][16][4] int8
  std::size_t scores;      // [16, T] int32
  std::size_t exponents;   // [16, T] uint8
  std::size_t numerators;  // [16, 64] int32

  constexpr TileScratchSizes(std::size_t tokens, std::size_t head_width)
      : tokens_padded(spec::round_up(tokens, 64)),
        keys(tokens_padded * spec::round_up(head_width, 64)),
        values(tokens_padded * spec::round_up(head_width, 64)),
        scores(16 * tokens_padded * 4),
        exponents(16 * tokens_padded),
        numerators(16 * 64 * 4) {}
  constexpr std::size_t total() const { return keys + values + scores + exponents + numerators; }
};

}  // namespace noggin::runtime
