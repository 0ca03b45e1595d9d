// The compiled shaders, and which kernel of the forward pass each one is.
#pragma once

#include <cstdint>
#include <span>

namespace noggin::gpu {

enum class Shader : std::uint8_t {
  kEmbed,
  kGatherRows,
  kScaleAndAdd,
  kAddLayerNorm,
  kPool,
  kLinearFloat,
  kLinearQuantized,
  kAttention4,  // shader_channels()
  kAttention8,
  kAttention32,
  kArithmetic,  // no kernel: single functions, for the self-test and the tests
};
inline constexpr std::size_t kShaders = 11;

const char* shader_name(Shader shader);
// SPIR-V. packed_dot: the variant with SPV_KHR_integer_dot_product, where there is one.
std::span<const std::uint32_t> shader_code(Shader shader, bool packed_dot);
std::uint32_t shader_threads(Shader shader);   // per block
std::uint32_t shader_channels(Shader shader);  // context channels of a thread, for attention; else 0

// What arithmetic.comp can do (shaders/operations.def).
enum class Operation : std::uint32_t {
#define NOGGIN_OPERATION(number, name) name = number,
#include "gpu/vulkan/shaders/operations.def"
#undef NOGGIN_OPERATION
};
inline constexpr std::uint32_t kArithmeticThreads = 64;

// A specialization constant: its id in the shader and its bits.
struct ShaderConstant {
  std::uint32_t id, bits;
};
std::span<const ShaderConstant> shader_constants();

}  // namespace noggin::gpu
