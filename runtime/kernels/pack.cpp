#include "kernels/pack.h"

#include "spec/pack_panels.h"

namespace noggin::runtime {

void pack_linear_into(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                      std::uint32_t inputs, std::int8_t* panels, spec::LinearColumn* columns) {
  spec::pack_panels(weights, bias, scale, outputs, inputs, panels, columns);
}

PackedLinear pack_linear(const std::int8_t* weights, const std::int32_t* bias, const float* scale,
                         std::uint32_t outputs, std::uint32_t inputs) {
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
