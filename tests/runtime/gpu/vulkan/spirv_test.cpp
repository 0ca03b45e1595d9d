// The compiled shaders themselves: no float operation may be contracted, and no other one may be there.
#include "gpu/vulkan/spirv.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "gpu/vulkan/shaders.h"

namespace noggin {
namespace {

// Opcodes of the SPIR-V specification, section 3.42.
constexpr std::uint32_t kExtInst = 12, kExecutionMode = 16, kCapability = 17, kDecorate = 71;
constexpr std::uint32_t kFAdd = 129, kFSub = 131, kFMul = 133;
constexpr std::uint32_t kNoContraction = 42;
// Everything else that computes a float from floats: negate, divide, remainders, vector and matrix products, dot.
const std::set<std::uint32_t> kForbidden = {127, 136, 140, 141, 142, 143, 144, 145, 146, 147, 148};
// Extended instructions (GLSL.std.450): only these, which do not round.
const std::set<std::uint32_t> kAllowedExtended = {37, 40, 75,
                                                  42, 39, 74};  // FMin, FMax, FindUMsb, SMax, SMin, FindSMsb

template <typename Visit>
void each_instruction(std::span<const std::uint32_t> words, const Visit& visit) {
  for (std::size_t i = 5; i < words.size(); i += words[i] >> 16) visit(words.subspan(i, words[i] >> 16));
}

// visit(name, SPIR-V) for every shader in both variants.
template <typename Visit>
void each_shader(const Visit& visit) {
  for (std::size_t i = 0; i < gpu::kShaders; ++i) {
    const auto shader = static_cast<gpu::Shader>(i);
    visit(gpu::shader_name(shader), gpu::shader_code(shader, false));
    visit(gpu::shader_name(shader), gpu::shader_code(shader, true));
  }
}

TEST(VulkanShaders, RoundEachOperationOnce) {
  std::size_t float_operations = 0;
  each_shader([&](const char* name, std::span<const std::uint32_t> code) {
    std::set<std::uint32_t> uncontracted;
    each_instruction(code, [&](std::span<const std::uint32_t> one) {
      if ((one[0] & 0xFFFFU) == kDecorate && one[2] == kNoContraction) uncontracted.insert(one[1]);
    });
    each_instruction(code, [&](std::span<const std::uint32_t> one) {
      const std::uint32_t opcode = one[0] & 0xFFFFU;
      if (opcode == kFAdd || opcode == kFSub || opcode == kFMul) {
        ++float_operations;
        EXPECT_TRUE(uncontracted.contains(one[2])) << name << ": operation " << opcode;
      }
      EXPECT_FALSE(kForbidden.contains(opcode)) << name << ": operation " << opcode;
      if (opcode == kExtInst) {
        EXPECT_TRUE(kAllowedExtended.contains(one[4])) << name << ": extended " << one[4];
      }
    });
  });
  EXPECT_GT(float_operations, 2 * 9U);
}

TEST(VulkanShaders, GetTheFloatModesThatADeviceHas) {
  each_shader([](const char* name, std::span<const std::uint32_t> code) {
    for (unsigned bits = 0; bits < 8; ++bits) {
      const gpu::FloatModes modes = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
      const std::vector<std::uint32_t> changed = gpu::with_float_modes(code, modes);
      std::map<std::uint32_t, std::size_t> before, after;
      each_instruction(code, [&](std::span<const std::uint32_t> one) { ++before[one[0] & 0xFFFFU]; });
      each_instruction(changed, [&](std::span<const std::uint32_t> one) { ++after[one[0] & 0xFFFFU]; });
      const std::size_t added = (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1);
      EXPECT_EQ(after[kCapability], before[kCapability] + added) << name;
      EXPECT_EQ(after[kExecutionMode], before[kExecutionMode] + added) << name;
      if (bits == 0) {
        EXPECT_TRUE(std::equal(changed.begin(), changed.end(), code.begin(), code.end())) << name;
      }
    }
  });
}

}  // namespace
}  // namespace noggin
