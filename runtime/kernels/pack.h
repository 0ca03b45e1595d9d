// Row-major int8 weights -> the panel layout of spec/layout.h, with memory of its own, for the trainer's quantized
// layers. spec/pack_panels.h arranges the bytes; the format writer calls it too, so that trainer and file hold the same
// bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "spec/layout.h"

namespace noggin::runtime {

// A packed linear layer that owns its memory.
struct PackedLinear {
  std::vector<std::int8_t> storage;         // panels, with space to align them
  std::vector<spec::LinearColumn> columns;  // [padded_outputs(N)]
  std::uint32_t outputs = 0;
  std::uint32_t inputs = 0;
  std::size_t panel_offset_bytes = 0;  // first aligned byte of storage
  std::uint32_t group = 0;             // of int4 weights; their sub-steps are in storage, behind the panels
  spec::LinearView view() const;       // valid while *this lives and is not moved
};

// weights [N, K] row-major in [-127, 127]; bias [N]; scale [N] = spec::output_scale per row. Sizes must be positive.
PackedLinear pack_linear(const std::int8_t* weights, const std::int32_t* bias, const float* scale,
                         std::uint32_t outputs, std::uint32_t inputs);

// The same for int4 weights in [-8, 7] with sub-steps [N, K / group] in [1, 127].
PackedLinear pack_int4_linear(const std::int8_t* weights, const std::int8_t* steps, const std::int32_t* bias,
                              const float* scale, std::uint32_t outputs, std::uint32_t inputs, std::uint32_t group);

// pack_linear into the caller's memory: `panels` [padded_outputs(N) * padded_inputs(K)], `columns` [padded_outputs(N)],
// both fully written.
void pack_linear_into(const std::int8_t* weights, const std::int32_t* bias, const float* scale, std::uint32_t outputs,
                      std::uint32_t inputs, std::int8_t* panels, spec::LinearColumn* columns);

}  // namespace noggin::runtime
