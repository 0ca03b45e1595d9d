#include "kernels/pack.h"

#include <cstring>

namespace noggin::runtime {

void pack_linear_into(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                      std::uint32_t inputs, std::int8_t* panels, spec::LinearColumn* columns) {
  const std::size_t outputs_padded = spec::padded_outputs(outputs), inputs_padded = spec::padded_inputs(inputs);
  std::memset(panels, 0, outputs_padded * inputs_padded);
  for (std::size_t n = 0; n < outputs_padded; ++n) {
    if (n >= outputs) {
      columns[n] = {0, 0, 1.0F};
      continue;
    }
    std::int32_t weight_sum = 0;
    for (std::size_t k = 0; k < inputs; ++k) {
      const std::int8_t w = weights[n * inputs + k];
      panels[spec::panel_offset(n, k, inputs_padded)] = w;
      weight_sum += w;
    }
    columns[n] = {bias[n], bias[n] - 128 * weight_sum, scale[n]};
  }
}

PackedLinear pack_linear(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                         std::uint32_t inputs) {
  PackedLinear packed;
  packed.outputs = outputs;
  packed.inputs = inputs;
  const std::size_t bytes = spec::padded_outputs(outputs) * spec::padded_inputs(inputs);
  packed.storage.resize(bytes + spec::kTensorAlignment - 1);
  const std::size_t address = reinterpret_cast<std::uintptr_t>(packed.storage.data());
  packed.panel_offset_bytes = spec::round_up(address, spec::kTensorAlignment) - address;
  packed.columns.resize(spec::padded_outputs(outputs));
  pack_linear_into(weights, bias, scale, outputs, inputs, packed.storage.data() + packed.panel_offset_bytes,
                   packed.columns.data());
  return packed;
}

spec::LinearView PackedLinear::view() const {
  return {storage.data() + panel_offset_bytes, columns.data(), outputs, inputs};
}

}  // namespace noggin::runtime
