// A kernel of the forward pass (gpu/forward.h) as a launch of a shader: which one, how many blocks, and its arguments
// as the push constants that the shader's `Arguments` declares, in that order. Addresses become places: elements from
// the start of the model's block or the batch's, both of which begin at kBase.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "gpu/attention_kernel.h"
#include "gpu/linear_kernel.h"
#include "gpu/row_kernels.h"
#include "gpu/vulkan/shaders.h"

namespace noggin::gpu {

// Where a model or a batch is laid out from (place_model, place_batch). Never read: only distances from it matter. Not
// null, so that null still means an array that is not there.
inline const std::byte* const kBase = reinterpret_cast<const std::byte*>(std::uintptr_t{spec::kTensorAlignment});

struct Launch {
  static constexpr std::size_t kMaxWords = 32;  // every device takes 128 bytes of push constants
  Shader shader;
  std::uint32_t blocks = 0;  // 0: nothing to do
  std::array<std::uint32_t, kMaxWords> words{};
  std::size_t count = 0;
};

// kNothing of memory.glsl for null.
template <typename T>
std::uint32_t place(const T* address) {
  if (address == nullptr) return 0xFFFFFFFFU;
  const std::size_t bytes = reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(kBase);
  return static_cast<std::uint32_t>(sizeof(T) == 1 ? bytes : bytes / kWordBytes);
}

inline std::uint32_t word(std::uint32_t value) { return value; }
inline std::uint32_t word(float value) { return std::bit_cast<std::uint32_t>(value); }
template <typename T>
std::uint32_t word(const T* address) {
  return place(address);
}

template <typename... Arguments>
Launch launch(Shader shader, unsigned blocks, Arguments... arguments) {
  static_assert(sizeof...(arguments) + 1 <= Launch::kMaxWords);
  return {shader, blocks, {blocks, word(arguments)...}, sizeof...(arguments) + 1};
}

inline Launch launch_of(const Embed& k) {
  return launch(Shader::kEmbed, k.blocks(), k.width, k.word, k.position, k.word_scales, k.position_scales, k.token_ids,
                k.positions, k.x);
}
inline Launch launch_of(const GatherRows& k) {
  return launch(Shader::kGatherRows, k.blocks(), k.width, k.stride, k.word, k.token_ids, k.rows);
}
inline Launch launch_of(const ScaleAndAdd& k) {
  return launch(Shader::kScaleAndAdd, k.blocks(), k.width, k.position, k.word_scales, k.position_scales, k.token_ids,
                k.positions, k.x);
}
inline Launch launch_of(const AddLayerNorm& k) {
  return launch(Shader::kAddLayerNorm, k.blocks(), k.rows, k.width, k.epsilon, k.inverse_scale, k.gamma, k.beta, k.x,
                k.residual, k.quantized, k.quantized_stride);
}
inline Launch launch_of(const Pool& k) {
  return launch(Shader::kPool, k.blocks(), k.width, std::uint32_t{k.mean ? 1U : 0U}, k.inverse_scale, k.x, k.offsets,
                k.quantized, k.quantized_stride);
}

struct LinearOutputPlaces {
  Shader shader;
  std::uint32_t out, stride, inverse_scale, lookup;
};
inline LinearOutputPlaces places_of(const FloatOutput& output) {
  return {Shader::kLinearFloat, place(output.y), output.outputs, 0, 0};
}
inline LinearOutputPlaces places_of(const QuantizedOutput& output) {
  return {Shader::kLinearQuantized, place(output.out), output.stride, place(output.inverse_scale),
          place(output.lookup)};
}
template <typename Output>
Launch launch_of(const Linear<Output>& k) {
  const LinearOperands<Output>& operands = k.operands;
  const DeviceLinear& weight = operands.weight;
  const LinearOutputPlaces output = places_of(operands.output);
  return launch(output.shader, k.blocks(), operands.rows, weight.outputs, operands.words(), weight.group / kWordBytes,
                place(weight.panels) / kWordBytes, weight.columns, weight.steps, place(operands.a) / kWordBytes,
                operands.a_stride / kWordBytes, output.out, output.stride, output.inverse_scale, output.lookup);
}

template <unsigned kChannels>
Launch launch_of(const Attention<kChannels>& k) {
  constexpr Shader kShader = kChannels == 4   ? Shader::kAttention4
                             : kChannels == 8 ? Shader::kAttention8
                                              : Shader::kAttention32;
  return launch(kShader, k.blocks(), k.heads, k.head_width, k.qkv, k.qkv_stride, k.context, k.context_stride, k.tiles,
                k.score_scale, k.value_scale, k.context_inverse_scale);
}

}  // namespace noggin::gpu
