// Linear layers on int8 tensor cores (compute capability 8.0 and later): the same exact sums, for many rows. One word
// of a panel is also one register of the tensor core's second operand, so the file's layout can be used as it is.
#pragma once

#include "gpu/linear_operands.h"

namespace noggin::gpu {

// A block computes 64 rows x 64 outputs, each of its four warps 16 of the rows. Phases as in Linear.
template <typename Output>
struct TensorCoreLinear {
  static constexpr unsigned kThreads = 128, kWarp = 32;
  static constexpr unsigned kLanes = spec::kPanelOutputs, kPanels = 4, kOutputs = 8;  // of one instruction
  static constexpr unsigned kWarpRows = 16, kTileRows = kThreads / kWarp * kWarpRows, kTileOutputs = kLanes * kPanels;
  static constexpr unsigned kStepWords = 8, kTileWords = 2 * kStepWords;
  // Rows of 20 and 24 words: the 32 words that a warp reads at once are in different banks.
  struct Shared {
    std::int32_t a[kTileRows][kTileWords + 4];
    std::int32_t w[kPanels][kTileWords][kLanes + 8];
  };
  struct State {
    std::int32_t sum[kTileOutputs / kOutputs][4];
  };

  LinearOperands<Output> operands;

  unsigned blocks() const { return divide_up(operands.rows, kTileRows) * column_tiles(); }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 2 * divide_up(operands.words(), kTileWords); }
  NOGGIN_DEVICE void phase(unsigned phase, Place at, State& state, Shared& shared) const {
    const std::uint32_t first_word = phase / 2 * kTileWords;
    const std::size_t first_row = at.block / column_tiles() * std::size_t{kTileRows};
    const std::uint32_t first_panel = at.block % column_tiles() * kPanels;
    if (phase % 2 == 0) {
      operands.template load_rows<kThreads, kTileWords>(first_row, first_word, at.thread, shared.a);
      operands.template load_panels<kThreads>(first_panel, first_word, at.thread, shared.w);
    } else {
      multiply(at.thread, state, shared);
      if (phase + 1 == phases(at.block)) store(first_row, first_panel, at.thread, state);
    }
  }

 private:
  NOGGIN_DEVICE std::uint32_t column_tiles() const { return divide_up(operands.weight.outputs, kTileOutputs); }

  NOGGIN_DEVICE static void multiply(unsigned thread, State& state, const Shared& shared) {
    const unsigned first_row = thread / kWarp * kWarpRows;
    for (unsigned step = 0; step < kTileWords; step += kStepWords) {
      const auto a_word = [&](unsigned lane, unsigned i) {
        return shared.a[first_row + lane / 4 + i % 2 * 8][step + lane % 4 + i / 2 * 4];
      };
      for (unsigned j = 0; j < kTileOutputs / kOutputs; ++j) {
        const auto b_word = [&](unsigned lane, unsigned i) {
          return shared.w[j / 2][step + lane % 4 + i * 4][j % 2 * kOutputs + lane / 4];
        };
        multiply_by_warp(thread % kWarp, a_word, b_word, state.sum[j]);
      }
    }
  }

  NOGGIN_DEVICE void store(std::size_t first_row, std::uint32_t first_panel, unsigned thread,
                           const State& state) const {
    const unsigned lane = thread % kWarp;
    for (unsigned j = 0; j < kTileOutputs / kOutputs; ++j) {
      for (unsigned i = 0; i < 4; ++i) {
        operands.store(first_row + thread / kWarp * kWarpRows + lane / 4 + i / 2 * 8,
                       first_panel * kLanes + j * kOutputs + lane % 4 * 2 + i % 2, state.sum[j][i]);
      }
    }
  }
};

}  // namespace noggin::gpu
