// Row-major int8 weights -> the panel layout of spec/layout.h: the only code that arranges these bytes. The .nog writer
// and the kernels' own packing both call it, so that file and trainer use the same bytes.
#pragma once

#include <cstdint>

#include "spec/layout.h"

namespace noggin::spec {

// weights [N, K] row-major in [-127, 127]; bias [N]; scale [N] = output_scale per row. Sizes must be positive.
// Writes all padded_outputs(N) * padded_inputs(K) bytes of `panels` and all padded_outputs(N) entries of `columns`:
// padding weights are 0, padding columns kPaddingColumn.
void pack_panels(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                 std::uint32_t inputs, std::int8_t* panels, LinearColumn* columns);

// The same for int4 weights in [-8, 7] with sub-steps `steps` [N, K / group] row-major in [1, 127]; `packed_steps`:
// steps_bytes() of them.
void pack_int4_panels(const std::int8_t* weights, const std::int8_t* steps, const std::int32_t* bias,
                      const float* scale, std::uint32_t outputs, std::uint32_t inputs, std::uint32_t group,
                      std::int8_t* panels, std::int8_t* packed_steps, LinearColumn* columns);

inline constexpr LinearColumn kPaddingColumn = {0, 0, 1.0F};

// What LinearColumn::bias_minus_offset must hold for a column with this bias and sum of weights. Cannot overflow:
// |sum| <= 127 * kMaxFfnWidth, or 127 * 8 * kMaxInt4Inputs, and |bias| <= kBiasLimit.
inline constexpr std::int32_t bias_minus_offset(std::int32_t bias, std::int32_t weight_sum) {
  return bias - 128 * weight_sum;
}

}  // namespace noggin::spec
