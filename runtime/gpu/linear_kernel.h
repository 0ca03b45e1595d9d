// Linear layers by int8 products four at a time (dp4a), which every supported GPU has.
#pragma once

#include "gpu/linear_operands.h"

namespace noggin::gpu {

// A block computes 32 rows x 64 outputs. Even phases load 64 inputs of both operands into shared memory, odd ones
// multiply them; a thread owns 4 rows x 1 output of each of 4 panels.
template <typename Output>
struct Linear {
  static constexpr unsigned kThreads = 128;
  static constexpr unsigned kLanes = spec::kPanelOutputs, kPanels = 4, kRowsPerThread = 4;
  static constexpr unsigned kTileRows = kThreads / kLanes * kRowsPerThread, kTileOutputs = kLanes * kPanels;
  static constexpr unsigned kTileWords = 16;
  static constexpr unsigned kStepWords = 8;  // the least that share a sub-step: 32 inputs
  struct Shared {
    std::int32_t a[kTileRows][kTileWords + 1];  // one word more, so that rows start in different banks
    std::int32_t w[kPanels][kTileWords][kLanes];
  };
  struct State {
    std::int32_t sum[kRowsPerThread][kPanels];
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
      multiply(first_panel, first_word, at.thread, state, shared);
      if (phase + 1 == phases(at.block)) store(first_row, first_panel, at.thread, state);
    }
  }

 private:
  NOGGIN_DEVICE std::uint32_t column_tiles() const { return divide_up(operands.weight.outputs, kTileOutputs); }

  NOGGIN_DEVICE void multiply(std::uint32_t first_panel, std::uint32_t first_word, unsigned thread, State& state,
                              const Shared& shared) const {
    const unsigned lane = thread % kLanes, first = thread / kLanes * kRowsPerThread;
    for (unsigned part = 0; part < kTileWords; part += kStepWords) {
      std::int32_t products[kRowsPerThread][kPanels] = {};
      for (unsigned k = part; k < part + kStepWords; ++k) {
        for (unsigned r = 0; r < kRowsPerThread; ++r) {
          for (unsigned p = 0; p < kPanels; ++p) {
            products[r][p] = dot4(shared.a[first + r][k], shared.w[p][k][lane], products[r][p]);
          }
        }
      }
      for (unsigned p = 0; p < kPanels; ++p) {
        const std::int32_t step = operands.weight_step(first_panel + p, first_word + part, lane);
        for (unsigned r = 0; r < kRowsPerThread; ++r) state.sum[r][p] += step * products[r][p];
      }
    }
  }

  NOGGIN_DEVICE void store(std::size_t first_row, std::uint32_t first_panel, unsigned thread,
                           const State& state) const {
    for (unsigned p = 0; p < kPanels; ++p) {
      for (unsigned r = 0; r < kRowsPerThread; ++r) {
        operands.store(first_row + thread / kLanes * kRowsPerThread + r, (first_panel + p) * kLanes + thread % kLanes,
                       state.sum[r][p]);
      }
    }
  }
};

}  // namespace noggin::gpu
