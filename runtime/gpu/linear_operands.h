// What both linear-layer kernels share: the operands, how their tiles are loaded into shared memory, and what is done
// with a sum. Weights stay in the panel layout of spec/layout.h: one 4-byte word of a panel is four inputs of one
// output.
#pragma once

#include "gpu/kernel.h"
#include "spec/layout.h"
#include "spec/quant.h"

namespace noggin::gpu {

// A linear layer in device memory.
struct DeviceLinear {
  const std::int8_t* panels;
  const spec::LinearColumn* columns;
  std::uint32_t outputs, inputs_padded;  // N, K padded to 8
  const std::int8_t* steps = nullptr;    // of int4 weights: the sub-steps
  std::uint32_t group = 0;               // 0: int8 weights; else int4, this many inputs share a sub-step
};

// y[m, n] = float(sum) * scale[n]
struct FloatOutput {
  float* y;  // [rows, N] dense
  std::uint32_t outputs;
  NOGGIN_DEVICE void store(std::size_t row, std::uint32_t n, float value) const { y[row * outputs + n] = value; }
};

// quantize_activation(y, inverse_scale[n]), then lookup[q + 128] if there is a table.
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

template <typename Output>
struct LinearOperands {
  static constexpr unsigned kLanes = spec::kPanelOutputs;

  DeviceLinear weight;
  const std::int8_t* a;  // [rows, a_stride], a_stride a multiple of 4, at least K padded
  std::uint32_t a_stride, rows;
  Output output;

  NOGGIN_DEVICE std::uint32_t words() const { return weight.inputs_padded / kWordBytes; }

  // kWords words of the rows from `first_row` on. Words outside the operand are zero, so they add nothing.
  template <unsigned kThreads, unsigned kWords, unsigned kRows, unsigned kStride>
  NOGGIN_DEVICE void load_rows(std::size_t first_row, std::uint32_t first_word, unsigned thread,
                               std::int32_t (&tile)[kRows][kStride]) const {
    for (unsigned i = thread; i < kRows * kWords; i += kThreads) {
      const unsigned r = i / kWords, k = i % kWords;
      const bool inside = first_row + r < rows && first_word + k < words();
      tile[r][k] = inside ? load_word(a + (first_row + r) * a_stride + (first_word + k) * kWordBytes) : 0;
    }
  }

  // Four inputs of an output, as int8: word `word` of a panel.
  NOGGIN_DEVICE std::int32_t weight_word(std::uint32_t panel, std::uint32_t word, unsigned lane) const {
    const std::size_t place = std::size_t{panel} * words() + word;
    if (weight.group == 0) return load_word(weight.panels + (place * kLanes + lane) * kWordBytes);
    const std::int32_t two = load_word(weight.panels + (place / 2 * kLanes + lane) * kWordBytes);
    return unpack_int4(two, word % 2 == 1);
  }

  // What the weights of this word are multiples of; 1 for int8 weights.
  NOGGIN_DEVICE std::int32_t weight_step(std::uint32_t panel, std::uint32_t word, unsigned lane) const {
    if (weight.group == 0) return 1;
    if (panel >= divide_up(weight.outputs, kLanes) || word >= words()) return 0;
    const std::uint32_t group_words = weight.group / kWordBytes, groups = words() / group_words;
    return weight.steps[(std::size_t{panel} * groups + word / group_words) * kLanes + lane];
  }

  // The same words of the panels from `first_panel` on.
  template <unsigned kThreads, unsigned kPanels, unsigned kWords, unsigned kStride>
  NOGGIN_DEVICE void load_panels(std::uint32_t first_panel, std::uint32_t first_word, unsigned thread,
                                 std::int32_t (&tile)[kPanels][kWords][kStride]) const {
    const std::uint32_t panels = divide_up(weight.outputs, kLanes);
    for (unsigned i = thread; i < kPanels * kWords * kLanes; i += kThreads) {
      const unsigned p = i / (kWords * kLanes), k = i / kLanes % kWords, lane = i % kLanes;
      const bool inside = first_panel + p < panels && first_word + k < words();
      tile[p][k][lane] = inside ? weight_word(first_panel + p, first_word + k, lane) : 0;
    }
  }

  NOGGIN_DEVICE void store(std::size_t row, std::uint32_t n, std::int32_t sum) const {
    if (row >= rows || n >= weight.outputs) return;
    const spec::LinearColumn& column = weight.columns[n];
    output.store(row, n, spec::dequantize(sum + column.bias, column.scale));
  }
};

}  // namespace noggin::gpu
