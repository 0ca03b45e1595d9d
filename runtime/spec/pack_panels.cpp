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

}  // namespace noggin::spec
