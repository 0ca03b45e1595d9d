#include "spec/pack_panels.h"

#include <cstring>

namespace noggin::spec {

void pack_panels(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                 std::uint32_t inputs, std::int8_t* panels, LinearColumn* columns) {
  const std::size_t inputs_padded = padded_inputs(inputs);
  const std::size_t outputs_padded = padded_outputs(outputs);
  std::memset(panels, 0, outputs_padded * inputs_padded);
  for (std::size_t n = 0; n < outputs; ++n) {
    const std::int8_t* row = weights + n * inputs;
    std::int8_t* out = panels + panel_offset(n, 0, inputs_padded);
    std::size_t k = 0;  // by groups of kPanelInputs, which are adjacent: training packs every weight in every step
    for (; k + kPanelInputs <= inputs; k += kPanelInputs, out += kPanelOutputs * kPanelInputs) {
      std::memcpy(out, row + k, kPanelInputs);
    }
    if (k < inputs) std::memcpy(out, row + k, inputs - k);
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < inputs; ++i) sum += row[i];
    columns[n] = {bias[n], bias_minus_offset(bias[n], sum), scale[n]};
  }
  for (std::size_t n = outputs; n < outputs_padded; ++n) columns[n] = kPaddingColumn;
}

void pack_int4_panels(const std::int8_t* weights, const std::int8_t* steps, const std::int32_t* bias,
                      const float* scale, std::uint32_t outputs, std::uint32_t inputs, std::uint32_t group,
                      std::int8_t* panels, std::int8_t* packed_steps, LinearColumn* columns) {
  const std::size_t groups = inputs / group;
  std::memset(panels, 0, panels_bytes(WeightType::kInt4, outputs, inputs));
  std::memset(packed_steps, 0, steps_bytes(outputs, inputs, group));
  for (std::size_t n = 0; n < outputs; ++n) {
    const std::int8_t* row = weights + n * inputs;
    std::int8_t* out = panels + int4_panel_offset(n, 0, inputs);
    for (std::size_t k = 0; k < inputs; k += 8, out += kPanelOutputs * kPanelInputs) {
      for (std::size_t i = 0; i < kPanelInputs; ++i) {
        const unsigned low = static_cast<std::uint8_t>(row[k + i]) & 0xFU;
        const unsigned high = static_cast<std::uint8_t>(row[k + i + kPanelInputs]) & 0xFU;
        out[i] = static_cast<std::int8_t>(low | (high << 4U));
      }
    }
    std::int32_t sum = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      std::int32_t of_group = 0;
      for (std::size_t k = g * group; k < (g + 1) * group; ++k) of_group += row[k];
      sum += of_group * steps[n * groups + g];
      packed_steps[step_offset(n, g, groups)] = steps[n * groups + g];
    }
    columns[n] = {bias[n], bias_minus_offset(bias[n], sum), scale[n]};
  }
  for (std::size_t n = outputs; n < padded_outputs(outputs); ++n) columns[n] = kPaddingColumn;
}

}  // namespace noggin::spec
