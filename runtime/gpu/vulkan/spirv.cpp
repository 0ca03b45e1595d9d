#include "gpu/vulkan/spirv.h"

namespace noggin::gpu {
namespace {

// Of the SPIR-V specification, sections 2.3 and 3: a module is a header of five words, then instructions, whose first
// word holds their length above and their opcode below; capabilities come first, then extensions, ..., entry points,
// execution modes.
constexpr std::size_t kHeaderWords = 5;
constexpr std::uint32_t kOpExtension = 10, kOpEntryPoint = 15, kOpExecutionMode = 16, kOpCapability = 17;

// Capability and execution mode have different numbers for the same thing.
struct Mode {
  bool FloatModes::*asked;
  std::uint32_t capability, mode;
};
constexpr Mode kModes[] = {
    {&FloatModes::keep_subnormals, 4464, 4459},
    {&FloatModes::keep_signed_zero_inf_nan, 4466, 4461},
    {&FloatModes::round_to_nearest_even, 4467, 4462},
};
constexpr std::uint32_t kFloatBits = 32;

void append(std::vector<std::uint32_t>& out, std::uint32_t opcode, std::initializer_list<std::uint32_t> operands) {
  out.push_back(static_cast<std::uint32_t>(operands.size() + 1) << 16 | opcode);
  out.insert(out.end(), operands);
}

// A text as words: its bytes, the first one lowest, and a zero.
void append_extension(std::vector<std::uint32_t>& out, std::string_view name) {
  std::vector<std::uint32_t> words(name.size() / 4 + 1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    words[i / 4] |= std::uint32_t{static_cast<unsigned char>(name[i])} << (i % 4 * 8);
  }
  out.push_back(static_cast<std::uint32_t>(words.size() + 1) << 16 | kOpExtension);
  out.insert(out.end(), words.begin(), words.end());
}

}  // namespace

std::vector<std::uint32_t> with_float_modes(std::span<const std::uint32_t> words, const FloatModes& modes) {
  bool any = false;
  for (const Mode& mode : kModes) any = any || modes.*mode.asked;
  std::vector<std::uint32_t> out(words.begin(), words.begin() + kHeaderWords);
  for (const Mode& mode : kModes) {
    if (modes.*mode.asked) append(out, kOpCapability, {mode.capability});
  }
  bool extended = !any;
  for (std::size_t i = kHeaderWords; i < words.size();) {
    const std::uint32_t opcode = words[i] & 0xFFFFU, count = words[i] >> 16;
    if (!extended && opcode != kOpCapability) {
      append_extension(out, "SPV_KHR_float_controls");
      extended = true;
    }
    out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(i),
               words.begin() + static_cast<std::ptrdiff_t>(i + count));
    if (opcode == kOpEntryPoint) {  // execution model, entry point, name, interface
      for (const Mode& mode : kModes) {
        if (modes.*mode.asked) append(out, kOpExecutionMode, {words[i + 2], mode.mode, kFloatBits});
      }
    }
    i += count;
  }
  return out;
}

}  // namespace noggin::gpu
