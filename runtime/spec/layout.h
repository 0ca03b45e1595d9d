// How a linear layer is stored, in the file and in memory: the same bytes serve every kernel set, so loading is
// mapping.
//
//   panels  [N/16][K/4][16][4] int8   N padded to 16, K padded to 8, padding zero
//   columns [N padded] of LinearColumn
//
// N counts outputs, K inputs. Element (n, k) of the weight is
//   panels[((n/16) * (K_padded/4) + k/4) * 64 + (n%16) * 4 + k%4].
#pragma once

#include <cstddef>
#include <cstdint>

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

// Per output, in addition to the panels. Padding columns hold {0, 0, 1.0f}.
struct LinearColumn {
  std::int32_t bias;               // in units of scale
  std::int32_t bias_minus_offset;  // bias - 128 * sum of the column's weights: the start value for kernels that feed
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
};

// A linear layer of int8 inputs together with the scale of its input.
struct ScaledLinearView : LinearView {
  float input_scale = 0.0F;
};

// The parameters of a LayerNorm in place.
struct NormView {
  const float *gamma = nullptr, *beta = nullptr;  // [D]
};

// An embedding table in place: row r is values[r * columns ..], each times scales[r].
struct EmbeddingView {
  const std::int8_t* values = nullptr;
  const float* scales = nullptr;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;

  // The same table without its first `row` rows.
  EmbeddingView from_row(std::uint32_t row) const {
    return {values + std::size_t{row} * columns, scales + row, rows - row, columns};
  }
};

}  // namespace noggin::spec
