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

bool padding_is_zero(const spec::LinearView& linear) {
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

}  // namespace

Status check_weights(const std::string& where, std::span<const std::int8_t> weights) {
  std::uint8_t found = 0;
  for (const std::int8_t weight : weights) found |= static_cast<std::uint8_t>(weight == -128);
  if (found == 0) return {};
  return broken_rule(where,
                     {"a weight is -128; weights are -127 to 127, so that every instruction set computes the same"});
}

Status check_linear(const std::string& where, const spec::LinearView& linear, float largest_scale) {
  if (!padding_is_zero(linear)) return broken_rule(where, {"a padding weight is not zero"});
  const std::size_t outputs_padded = spec::padded_outputs(linear.outputs);
  const std::size_t panel_bytes = spec::kPanelOutputs * spec::padded_inputs(linear.inputs);
  for (std::size_t first = 0; first < outputs_padded; first += spec::kPanelOutputs) {
    const std::int8_t* panel = linear.panels + first * spec::padded_inputs(linear.inputs);
    if (Status status = check_weights(where, {panel, panel_bytes}); !status) return status;
    std::int32_t sums[spec::kPanelOutputs];
    sum_panel(panel, panel_bytes / kGroupBytes, sums);
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
