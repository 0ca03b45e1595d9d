// How a linear layer is stored, in the file and in memory: the same bytes serve every kernel set, so loading is
// mapping.
//
//   panels  [N/16][K/4][16][4] int8   N padded to 16, K padded to 8, padding zero
//   columns [N padded] of LinearColumn
//
// N counts outputs, K inputs. Element (n, k) of the weight is
//   panels[((n/16) * (K_padded/4) + k/4) * 64 + (n%16) * 4 + k%4].
//
// With int4 weights a byte holds two of them, four inputs apart, so that one load gives two groups of four inputs:
//
//   panels  [N/16][K/8][16][4]  byte i of output n: input i in the low four bits, input i + 4 in the high ones
//   steps   [N/16][K/group][16] int8, 1..127; of padding outputs 0
//   columns as above, the scale being that of one sub-step
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/weight_type.h"

namespace noggin::spec {

inline constexpr std::size_t kPanelOutputs = 16;
inline constexpr std::size_t kPanelInputs = 4;
inline constexpr std::size_t kInputPadding = 8;
inline constexpr std::size_t kTensorAlignment = 64;

inline constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}
inline constexpr std::size_t padded_outputs(std::size_t outputs) { return round_up(outputs, kPanelOutputs); }
inline constexpr std::size_t padded_inputs(std::size_t inputs) { return round_up(inputs, kInputPadding); }
inline constexpr std::size_t panel_offset(std::size_t output, std::size_t input, std::size_t inputs_padded) {
  return ((output / kPanelOutputs) * (inputs_padded / kPanelInputs) + input / kPanelInputs) *
             (kPanelOutputs * kPanelInputs) +
         (output % kPanelOutputs) * kPanelInputs + input % kPanelInputs;
}

// Where the byte of an int4 weight is; it is in the high bits if input % 8 >= 4.
inline constexpr std::size_t int4_panel_offset(std::size_t output, std::size_t input, std::size_t inputs) {
  return ((output / kPanelOutputs) * (inputs / 8) + input / 8) * (kPanelOutputs * kPanelInputs) +
         (output % kPanelOutputs) * kPanelInputs + input % kPanelInputs;
}
inline constexpr std::size_t step_offset(std::size_t output, std::size_t group, std::size_t groups) {
  return ((output / kPanelOutputs) * groups + group) * kPanelOutputs + output % kPanelOutputs;
}
// Of the panels; and of the steps behind them, whose start is aligned because a panel of int4 is 64 * K / 8 bytes.
inline constexpr std::size_t panels_bytes(WeightType type, std::size_t outputs, std::size_t inputs) {
  const std::size_t weights = padded_outputs(outputs) * padded_inputs(inputs);
  return type == WeightType::kInt4 ? weights / 2 : weights;
}
inline constexpr std::size_t steps_bytes(std::size_t outputs, std::size_t inputs, std::size_t group) {
  return group == 0 ? 0 : padded_outputs(outputs) * (inputs / group);
}

// Per output, in addition to the panels. Padding columns hold {0, 0, 1.0f}.
struct LinearColumn {
  std::int32_t bias;               // in units of scale
  std::int32_t bias_minus_offset;  // bias - 128 * sum of the column's weights (times
                                   // their sub-steps): the start value for kernels that feed
                                   // activations as unsigned (a + 128). Redundant: the reader checks it
  float scale;                     // fl(input scale * weight scale)
};
static_assert(sizeof(LinearColumn) == 12);

// A linear layer in place. Does not own; valid while the mapping or the buffer lives.
struct LinearView {
  const std::int8_t* panels = nullptr;    // 64-byte aligned
  const LinearColumn* columns = nullptr;  // [padded_outputs(outputs)]
  std::uint32_t outputs = 0;              // N
  std::uint32_t inputs = 0;               // K
  const std::int8_t* steps = nullptr;     // of int4 weights: the sub-steps
  std::uint32_t group = 0;                // 0: int8 weights; else int4, this many inputs share a sub-step

  std::int8_t int4_weight(std::size_t n, std::size_t k) const {
    const auto byte = static_cast<std::uint8_t>(panels[int4_panel_offset(n, k, inputs)]);
    return static_cast<std::int8_t>(static_cast<int>((byte >> (k % 8 / 4 * 4) & 0xFU) ^ 8U) - 8);
  }
};

// A linear layer of int8 inputs together with the scale of its input.
struct ScaledLinearView : LinearView {
  float input_scale = 0.0F;
};

// The parameters of a LayerNorm in place.
struct NormView {
  const float *gamma = nullptr, *beta = nullptr;  // [D]
};

// An embedding table in place: row r is the `columns` values packed from values[r * row_bytes()] on, each times
// scales[r].
struct EmbeddingView {
  const std::int8_t* values = nullptr;
  const float* scales = nullptr;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  WeightType type = WeightType::kInt8;

  std::size_t row_bytes() const { return packed_bytes(type, columns); }
  std::int8_t at(std::size_t row, std::size_t column) const {
    const std::int8_t* from = values + row * row_bytes();
    return type == WeightType::kInt4 ? int4_at(from, column) : from[column];
  }
  // Row r, one value a byte; `to` has space for `columns` of them.
  void unpack_row(std::size_t r, std::int8_t* to) const {
    const std::int8_t* from = values + r * row_bytes();
    if (type == WeightType::kInt4) return unpack_int4(from, columns, to);
    for (std::size_t c = 0; c < columns; ++c) to[c] = from[c];
  }
  // The same table without its first `row` rows.
  EmbeddingView from_row(std::uint32_t row) const {
    return {values + row * row_bytes(), scales + row, rows - row, columns, type};
  }
};

}  // namespace noggin::spec
