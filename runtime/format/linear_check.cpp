// The reader's passes over all weights: their speed decides how long opening a model takes, so the loops are written
// for the compiler's vectorizer (plain SSE2 is enough), and this file is compiled for speed.
#include <cstring>

#include "format/file_layout.h"
#include "format/value_checks.h"
#include "spec/pack_panels.h"
#include "spec/quant.h"

namespace noggin::format {
namespace {

constexpr std::size_t kGroupBytes = spec::kPanelOutputs * spec::kPanelInputs;  // 16 outputs x 4 inputs
constexpr std::size_t kPairs = kGroupBytes / 2;

// sums[n] = the sum of the weights of output n of one panel. Adds bytes in pairs, as unsigned w + 128, in 16-bit lanes:
// 128 pairs of at most 510 stay below 2^16.
void sum_panel(const std::int8_t* panel, std::size_t groups, std::int32_t (&sums)[spec::kPanelOutputs]) {
  constexpr std::size_t kBlock = 128;
  for (std::int32_t& sum : sums) sum = -128 * static_cast<std::int32_t>(groups * spec::kPanelInputs);
  for (std::size_t first = 0; first < groups; first += kBlock) {
    const std::size_t end = first + kBlock < groups ? first + kBlock : groups;
    std::uint16_t partial[kPairs] = {};
    for (std::size_t group = first; group < end; ++group) {
      std::uint16_t pairs[kPairs];
      std::memcpy(pairs, panel + group * kGroupBytes, kGroupBytes);
      for (std::size_t i = 0; i < kPairs; ++i) {
        const auto biased = static_cast<std::uint16_t>(pairs[i] ^ 0x8080U);
        partial[i] = static_cast<std::uint16_t>(partial[i] + (biased & 0xFFU) + (biased >> 8U));
      }
    }
    for (std::size_t i = 0; i < kPairs; ++i) sums[i / 2] += partial[i];
  }
}

// The same of int4 weights: each group's sum times its sub-step. Adds four weights, as unsigned w + 8, in 16-bit lanes.
void sum_int4_panel(const spec::LinearView& linear, std::size_t panel, std::int32_t (&sums)[spec::kPanelOutputs]) {
  const std::size_t groups = linear.inputs / linear.group, blocks = linear.group / 8;
  const std::int8_t* from = linear.panels + panel * linear.inputs / 8 * kGroupBytes;
  const std::int8_t* steps = linear.steps + panel * groups * spec::kPanelOutputs;
  for (std::int32_t& sum : sums) sum = 0;
  for (std::size_t g = 0; g < groups; ++g, steps += spec::kPanelOutputs) {
    std::uint16_t partial[kPairs] = {};
    for (std::size_t block = 0; block < blocks; ++block, from += kGroupBytes) {
      std::uint16_t pairs[kPairs];
      std::memcpy(pairs, from, kGroupBytes);
      for (std::size_t i = 0; i < kPairs; ++i) {
        const auto biased = static_cast<std::uint16_t>(pairs[i] ^ 0x8888U);
        const auto both = static_cast<std::uint16_t>((biased & 0x0F0FU) + (biased >> 4U & 0x0F0FU));
        partial[i] = static_cast<std::uint16_t>(partial[i] + (both & 0xFFU) + (both >> 8U));
      }
    }
    for (std::size_t n = 0; n < spec::kPanelOutputs; ++n) {
      const std::int32_t of_group = partial[2 * n] + partial[2 * n + 1] - 8 * static_cast<std::int32_t>(linear.group);
      sums[n] += of_group * steps[n];
    }
  }
}

bool int4_padding_is_zero(const spec::LinearView& linear) {
  const std::size_t groups = linear.inputs / linear.group, outputs_padded = spec::padded_outputs(linear.outputs);
  for (std::size_t n = linear.outputs; n < outputs_padded; ++n) {
    for (std::size_t k = 0; k < linear.inputs; ++k) {
      if (linear.int4_weight(n, k) != 0) return false;
    }
    for (std::size_t g = 0; g < groups; ++g) {
      if (linear.steps[spec::step_offset(n, g, groups)] != 0) return false;
    }
  }
  return true;
}

Status check_int4_steps(const std::string& where, const spec::LinearView& linear) {
  const std::size_t groups = linear.inputs / linear.group;
  for (std::size_t n = 0; n < linear.outputs; ++n) {
    for (std::size_t g = 0; g < groups; ++g) {
      const std::int8_t step = linear.steps[spec::step_offset(n, g, groups)];
      if (step < 1) return check_steps(message({where, " output ", n}), {&step, 1});
    }
  }
  return {};
}

bool padding_is_zero(const spec::LinearView& linear) {
  if (linear.group > 0) return int4_padding_is_zero(linear);
  const std::size_t inputs_padded = spec::padded_inputs(linear.inputs);
  const std::size_t outputs_padded = spec::padded_outputs(linear.outputs);
  std::uint8_t any = 0;
  const auto see = [&](std::size_t n, std::size_t k) {
    any |= static_cast<std::uint8_t>(linear.panels[spec::panel_offset(n, k, inputs_padded)]);
  };
  for (std::size_t n = 0; n < linear.outputs; ++n) {
    for (std::size_t k = linear.inputs; k < inputs_padded; ++k) see(n, k);
  }
  for (std::size_t n = linear.outputs; n < outputs_padded; ++n) {
    for (std::size_t k = 0; k < inputs_padded; ++k) see(n, k);
  }
  return any == 0;
}

bool is_padding_column(const spec::LinearColumn& column) {
  return std::memcmp(&column, &spec::kPaddingColumn, sizeof(column)) == 0;
}

Status check_column(const std::string& where, std::size_t n, const spec::LinearColumn& column, std::int32_t weight_sum,
                    float largest_scale) {
  const auto at = [&] { return message({where, " output ", n}); };
  constexpr auto kLimit = static_cast<std::int32_t>(spec::kBiasLimit);
  if (column.bias < -kLimit || column.bias > kLimit) return check_bias(at(), column.bias);
  if (!(column.scale >= kSmallestOutputScale && column.scale <= largest_scale)) {
    return check_scale(at(), column.scale, kSmallestOutputScale, largest_scale);
  }
  const std::int32_t expected = spec::bias_minus_offset(column.bias, weight_sum);
  if (column.bias_minus_offset == expected) return {};
  return broken_rule(at(),
                     {"bias_minus_offset is ", column.bias_minus_offset, ", its bias and weights give ", expected});
}

Status check_int4_range(const std::string& where, std::span<const std::int8_t> weights) {
  for (const std::int8_t weight : weights) {
    if (weight < -8 || weight > 7)
      return broken_rule(where, {"a weight is ", int{weight}, "; int4 weights are -8 to 7"});
  }
  return {};
}

}  // namespace

Status check_int4_rows(const std::string& where, const spec::EmbeddingView& table) {
  if (table.columns % 2 == 0) return {};
  const std::size_t row_bytes = table.row_bytes();
  for (std::size_t row = 0; row < table.rows; ++row) {
    const auto last = static_cast<std::uint8_t>(table.values[row * row_bytes + row_bytes - 1]);
    if (last > 0xFU)
      return broken_rule(message({where, " row ", row}), {"the bits after its last weight are not zero"});
  }
  return {};
}

Status check_weights(const std::string& where, std::span<const std::int8_t> weights, spec::WeightType type) {
  if (type == spec::WeightType::kInt4) return check_int4_range(where, weights);
  std::uint8_t found = 0;
  for (const std::int8_t weight : weights) found |= static_cast<std::uint8_t>(weight == -128);
  if (found == 0) return {};
  return broken_rule(where,
                     {"a weight is -128; weights are -127 to 127, so that every instruction set computes the same"});
}

Status check_steps(const std::string& where, std::span<const std::int8_t> steps) {
  for (const std::int8_t step : steps) {
    if (step < 1) return broken_rule(where, {"a sub-step is ", int{step}, ", must be 1 to 127"});
  }
  return {};
}

Status check_linear(const std::string& where, const spec::LinearView& linear, float largest_scale) {
  if (!padding_is_zero(linear)) return broken_rule(where, {"a padding weight is not zero"});
  if (linear.group > 0) {
    if (Status status = check_int4_steps(where, linear); !status) return status;
  }
  const std::size_t outputs_padded = spec::padded_outputs(linear.outputs);
  const std::size_t panel_bytes = spec::kPanelOutputs * spec::padded_inputs(linear.inputs);
  for (std::size_t first = 0; first < outputs_padded; first += spec::kPanelOutputs) {
    std::int32_t sums[spec::kPanelOutputs];
    if (linear.group > 0) {
      sum_int4_panel(linear, first / spec::kPanelOutputs, sums);  // any four bits are a weight
    } else {
      const std::int8_t* panel = linear.panels + first * spec::padded_inputs(linear.inputs);
      if (Status status = check_weights(where, {panel, panel_bytes}); !status) return status;
      sum_panel(panel, panel_bytes / kGroupBytes, sums);
    }
    for (std::size_t n = first; n < first + spec::kPanelOutputs && n < linear.outputs; ++n) {
      if (Status status = check_column(where, n, linear.columns[n], sums[n - first], largest_scale); !status)
        return status;
    }
  }
  for (std::size_t n = linear.outputs; n < outputs_padded; ++n) {
    if (!is_padding_column(linear.columns[n])) return broken_rule(where, {"a padding column is not {0, 0, 1}"});
  }
  return {};
}

}  // namespace noggin::format
