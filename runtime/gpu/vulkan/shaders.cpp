#include "gpu/vulkan/shaders.h"

#include <bit>

#include "gpu/attention_kernel.h"
#include "gpu/linear_kernel.h"
#include "gpu/row_kernels.h"
// Written by glslangValidator (vulkan.cmake).
#include "noggin_shaders/add_layer_norm.h"
#include "noggin_shaders/arithmetic.h"
#include "noggin_shaders/arithmetic_packed.h"
#include "noggin_shaders/attention.h"
#include "noggin_shaders/attention_packed.h"
#include "noggin_shaders/embed.h"
#include "noggin_shaders/gather_rows.h"
#include "noggin_shaders/linear_float.h"
#include "noggin_shaders/linear_float_packed.h"
#include "noggin_shaders/linear_quantized.h"
#include "noggin_shaders/linear_quantized_packed.h"
#include "noggin_shaders/pool.h"
#include "noggin_shaders/scale_and_add.h"
#include "spec/formulas_coefficients.h"
#include "spec/quant.h"

namespace noggin::gpu {
namespace {

struct Compiled {
  const char* name;
  std::uint32_t threads;
  std::span<const std::uint32_t> code, packed;
  std::uint32_t channels = 0;  // attention's
};

// In the order of Shader.
constexpr Compiled kCompiled[kShaders] = {
    {"embed", Embed::kThreads, spirv_embed, spirv_embed},
    {"gather_rows", GatherRows::kThreads, spirv_gather_rows, spirv_gather_rows},
    {"scale_and_add", ScaleAndAdd::kThreads, spirv_scale_and_add, spirv_scale_and_add},
    {"add_layer_norm", AddLayerNorm::kThreads, spirv_add_layer_norm, spirv_add_layer_norm},
    {"pool", Pool::kThreads, spirv_pool, spirv_pool},
    {"linear_float", Linear<FloatOutput>::kThreads, spirv_linear_float, spirv_linear_float_packed},
    {"linear_quantized", Linear<QuantizedOutput>::kThreads, spirv_linear_quantized, spirv_linear_quantized_packed},
    {"attention_4", Attention<4>::kThreads, spirv_attention, spirv_attention_packed, 4},
    {"attention_8", Attention<8>::kThreads, spirv_attention, spirv_attention_packed, 8},
    {"attention_32", Attention<32>::kThreads, spirv_attention, spirv_attention_packed, 32},
    {"arithmetic", kArithmeticThreads, spirv_arithmetic, spirv_arithmetic_packed},
};

constexpr ShaderConstant kConstants[] = {
#define NOGGIN_FLOAT(id, name, value) {id, std::bit_cast<std::uint32_t>(value)},
#define NOGGIN_UINT(id, name, value) {id, static_cast<std::uint32_t>(value)},
#include "gpu/vulkan/shaders/constants.def"
#undef NOGGIN_FLOAT
#undef NOGGIN_UINT
};

const Compiled& compiled(Shader shader) { return kCompiled[static_cast<std::size_t>(shader)]; }

}  // namespace

const char* shader_name(Shader shader) { return compiled(shader).name; }
std::uint32_t shader_threads(Shader shader) { return compiled(shader).threads; }
std::uint32_t shader_channels(Shader shader) { return compiled(shader).channels; }
std::span<const std::uint32_t> shader_code(Shader shader, bool packed_dot) {
  return packed_dot ? compiled(shader).packed : compiled(shader).code;
}
std::span<const ShaderConstant> shader_constants() { return kConstants; }

}  // namespace noggin::gpu
