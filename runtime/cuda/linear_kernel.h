// Integer linear layers: int8 products four at a time (dp4a), exact int32 sums, then the float output or its int8 form.
// Weights stay in the panel layout of spec/layout.h: one 4-byte word of a panel is four inputs of one output.
#pragma once

#include "cuda/kernel.h"
#include "spec/layout.h"
#include "spec/quant.h"

namespace noggin::cuda {

// A linear layer in device memory.
struct DeviceLinear {
  const std::int8_t* panels;
  const spec::LinearColumn* columns;
  std::uint32_t outputs, inputs_padded;  // N, K padded to 8
};

// y[m, n] = float(sum) * scale[n]
struct FloatOutput {
  float* y;  // [rows, N] dense
  std::uint32_t outputs;
  NOGGIN_DEVICE void store(std::size_t row, std::uint32_t n, float value) const { y[row * outputs + n] = value; }
};

// quantize_activation(y, inverse_scale[n]), then lookup[q + 128] where there is a table.
struct QuantizedOutput {
  const float* inverse_scale;  // [N]
  const std::int8_t* lookup;   // [256] or null
  std::int8_t* out;            // [rows, stride]
  std::uint32_t stride;
  NOGGIN_DEVICE void store(std::size_t row, std::uint32_t n, float value) const {
    const std::int8_t q = spec::quantize_activation(value, inverse_scale[n]);
    out[row * stride + n] = lookup == nullptr ? q : lookup[q + 128];
  }
};

// A block makes 32 rows x 64 outputs. Even phases bring 64 inputs of both operands into shared memory, odd ones
// multiply them; a thread owns 4 rows x 1 output of each of 4 panels.
template <typename Output>
struct Linear {
  static constexpr unsigned kThreads = 128;
  static constexpr unsigned kLanes = spec::kPanelOutputs, kPanels = 4, kRowsPerThread = 4;
  static constexpr unsigned kTileRows = kThreads / kLanes * kRowsPerThread, kTileOutputs = kLanes * kPanels;
  static constexpr unsigned kTileWords = 16;
  struct Shared {
    std::int32_t a[kTileRows][kTileWords + 1];  // one word more, so that rows start in different banks
    std::int32_t w[kPanels][kTileWords][kLanes];
  };
  struct State {
    std::int32_t sum[kRowsPerThread][kPanels];
  };

  DeviceLinear weight;
  const std::int8_t* a;          // [rows, a_stride], a_stride a multiple of 4, at least K padded
  std::uint32_t a_stride, rows;
  Output output;

  unsigned blocks() const { return divide_up(rows, kTileRows) * column_tiles(); }
  NOGGIN_DEVICE unsigned phases(unsigned) const { return 2 * divide_up(words(), kTileWords); }
  NOGGIN_DEVICE void phase(unsigned phase, Place at, State& state, Shared& shared) const {
    const std::uint32_t first_word = phase / 2 * kTileWords;
    const std::size_t first_row = at.block / column_tiles() * std::size_t{kTileRows};
    const std::uint32_t first_panel = at.block % column_tiles() * kPanels;
    if (phase % 2 == 0) {
      load_rows(first_row, first_word, at.thread, shared);
      load_panels(first_panel, first_word, at.thread, shared);
    } else {
      multiply(at.thread, state, shared);
      if (phase + 1 == phases(at.block)) store(first_row, first_panel, at.thread, state);
    }
  }

 private:
  NOGGIN_DEVICE std::uint32_t words() const { return weight.inputs_padded / kWordBytes; }
  NOGGIN_DEVICE std::uint32_t column_tiles() const { return divide_up(weight.outputs, kTileOutputs); }

  // What lies outside the operands is zero, so it adds nothing.
  NOGGIN_DEVICE void load_rows(std::size_t first_row, std::uint32_t first_word, unsigned thread, Shared& shared) const {
    for (unsigned i = thread; i < kTileRows * kTileWords; i += kThreads) {
      const unsigned r = i / kTileWords, k = i % kTileWords;
      const bool inside = first_row + r < rows && first_word + k < words();
      shared.a[r][k] = inside ? load_word(a + (first_row + r) * a_stride + (first_word + k) * kWordBytes) : 0;
    }
  }

  NOGGIN_DEVICE void load_panels(std::uint32_t first_panel, std::uint32_t first_word, unsigned thread,
                                 Shared& shared) const {
    const std::uint32_t panels = divide_up(weight.outputs, kLanes);
    for (unsigned i = thread; i < kPanels * kTileWords * kLanes; i += kThreads) {
      const unsigned p = i / (kTileWords * kLanes), k = i / kLanes % kTileWords, lane = i % kLanes;
      const bool inside = first_panel + p < panels && first_word + k < words();
      const std::size_t word = (std::size_t{first_panel + p} * words() + first_word + k) * kLanes + lane;
      shared.w[p][k][lane] = inside ? load_word(weight.panels + word * kWordBytes) : 0;
    }
  }

  NOGGIN_DEVICE static void multiply(unsigned thread, State& state, const Shared& shared) {
    const unsigned lane = thread % kLanes, first = thread / kLanes * kRowsPerThread;
    for (unsigned k = 0; k < kTileWords; ++k) {
      for (unsigned r = 0; r < kRowsPerThread; ++r) {
        for (unsigned p = 0; p < kPanels; ++p) {
          state.sum[r][p] = dot4(shared.a[first + r][k], shared.w[p][k][lane], state.sum[r][p]);
        }
      }
    }
  }

  NOGGIN_DEVICE void store(std::size_t first_row, std::uint32_t first_panel, unsigned thread,
                           const State& state) const {
    for (unsigned p = 0; p < kPanels; ++p) {
      const std::uint32_t n = (first_panel + p) * kLanes + thread % kLanes;
      if (n >= weight.outputs) continue;
      const spec::LinearColumn column = weight.columns[n];
      for (unsigned r = 0; r < kRowsPerThread; ++r) {
        const std::size_t row = first_row + thread / kLanes * kRowsPerThread + r;
        if (row < rows) output.store(row, n, spec::dequantize(state.sum[r][p] + column.bias, column.scale));
      }
    }
  }
};

}  // namespace noggin::cuda
