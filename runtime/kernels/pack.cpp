#include "kernels/pack.h"

#include "spec/pack_panels.h"

namespace noggin::runtime {

void pack_linear_into(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                      std::uint32_t inputs, std::int8_t* panels, spec::LinearColumn* columns) {
  spec::pack_panels(weights, bias, scale, outputs, inputs, panels, columns);
}

namespace {

PackedLinear empty_linear(std::uint32_t outputs, std::uint32_t inputs, std::uint32_t group) {
  PackedLinear packed;
  packed.outputs = outputs;
  packed.inputs = inputs;
  packed.group = group;
  const spec::WeightType type = group == 0 ? spec::WeightType::kInt8 : spec::WeightType::kInt4;
  const std::size_t bytes = spec::panels_bytes(type, outputs, inputs) + spec::steps_bytes(outputs, inputs, group);
  packed.storage.resize(bytes + spec::kTensorAlignment - 1);
  const std::size_t address = reinterpret_cast<std::uintptr_t>(packed.storage.data());
  packed.panel_offset_bytes = spec::round_up(address, spec::kTensorAlignment) - address;
  packed.columns.resize(spec::padded_outputs(outputs));
  return packed;
}

}  // namespace

PackedLinear pack_linear(const std::int8_t* weights, const std::int32_t* bias, const float* scale,
                         std::uint32_t outputs, std::uint32_t inputs) {
  PackedLinear packed = empty_linear(outputs, inputs, 0);
  pack_linear_into(weights, bias, scale, outputs, inputs, packed.storage.data() + packed.panel_offset_bytes,
                   packed.columns.data());
  return packed;
}

PackedLinear pack_int4_linear(const std::int8_t* weights, const std::int8_t* steps, const std::int32_t* bias,
                              const float* scale, std::uint32_t outputs, std::uint32_t inputs, std::uint32_t group) {
  PackedLinear packed = empty_linear(outputs, inputs, group);
  std::int8_t* panels = packed.storage.data() + packed.panel_offset_bytes;
  spec::pack_int4_panels(weights, steps, bias, scale, outputs, inputs, group, panels,
                         panels + spec::panels_bytes(spec::WeightType::kInt4, outputs, inputs), packed.columns.data());
  return packed;
}

spec::LinearView PackedLinear::view() const {
  const std::int8_t* panels = storage.data() + panel_offset_bytes;
  if (group == 0) return {panels, columns.data(), outputs, inputs};
  return {
      panels, columns.data(), outputs, inputs, panels + spec::panels_bytes(spec::WeightType::kInt4, outputs, inputs),
      group};
}

}  // namespace noggin::runtime
