// The forward pass of a batch on a device: the steps of engine/families/encoder/forward.cpp, in the same
// order with the same names, each one kernel. `Device` launches kernels one after the other: the GPU (cuda/gpu.h), or a
// CPU in the tests.
#pragma once

#include <cstdint>
#include <type_traits>

#include "gpu/attention_kernel.h"
#include "gpu/batch.h"
#include "gpu/linear_kernel.h"
#include "gpu/model_image.h"
#include "gpu/row_kernels.h"
#include "gpu/tensor_core_kernel.h"
#include "noggin/result.h"

namespace noggin::gpu {

// Launches until something fails; keeps the first failure.
template <typename Device>
class Steps {
 public:
  explicit Steps(Device& device) : device_(device) {}
  template <typename Kernel>
  void operator()(const Kernel& kernel) {
    if (status_) status_ = device_.launch(kernel);
  }
  const Status& status() const { return status_; }

 private:
  Device& device_;
  Status status_;
};

template <typename Device>
void attend(Steps<Device>& run, const DeviceModel& model, const DeviceBatch& b, std::uint32_t heads,
            const DeviceLayer& layer) {
  const auto with = [&]<unsigned kChannels>(Attention<kChannels>*) {
    run(Attention<kChannels>{b.qkv, b.context, b.tiles, b.query_tiles, heads, model.config.encoder.head_width,
                             b.qkv_stride, b.context_stride, layer.ready.score_scale, layer.value_scale,
                             layer.ready.context_inverse_scale});
  };
  if (model.config.encoder.head_width <= 32) return with(static_cast<Attention<4>*>(nullptr));
  if (model.config.encoder.head_width <= 64) return with(static_cast<Attention<8>*>(nullptr));
  with(static_cast<Attention<32>*>(nullptr));  // up to kMaxHeadWidth = 256
}

inline constexpr std::uint32_t kTensorCoreRows = 48;

// Logits [B, C] of the texts that `b` holds, or [N, C] where the head answers every token, into b.logits.
template <typename Device>
Status forward(Device& device, const DeviceModel& model, const DeviceBatch& b) {
  Steps<Device> run(device);
  const spec::ModelConfig& config = model.config;
  const std::uint32_t N = b.tokens, D = config.encoder.width;
  const float epsilon = config.encoder.layer_norm_epsilon;
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  const auto norm = [&](const float* residual, const float* gamma, const float* beta, float inverse_scale,
                        bool quantized) {
    run(AddLayerNorm{b.x, residual, gamma, beta, epsilon, inverse_scale, quantized ? b.input : nullptr, b.input_stride,
                     N, D});
  };
  // Tensor cores process 64 rows at a time, so with few rows they would multiply mostly zeros. They know no sub-steps.
  const auto linear = [&](const DeviceLinear& weight, const std::int8_t* a, std::uint32_t stride, std::uint32_t rows,
                          const auto& output) {
    using Output = std::decay_t<decltype(output)>;
    const LinearOperands<Output> operands{weight, a, stride, rows, output};
    if constexpr (requires { device.has_tensor_cores(); }) {
      if (device.has_tensor_cores() && rows >= kTensorCoreRows && weight.group == 0) {
        return run(TensorCoreLinear<Output>{operands});
      }
    }
    run(Linear<Output>{operands});
  };

  if (config.encoder.embedding_width > 0) {
    run(GatherRows{model.word.values, b.token_ids, b.input, config.encoder.embedding_width, b.input_stride, N});
    linear(model.word_projection, b.input, b.input_stride, N, FloatOutput{b.x, D});
    run(ScaleAndAdd{model.position.values, model.word.scales, model.position.scales, b.token_ids, b.positions, b.x, N,
                    D});
  } else {
    run(Embed{model.word.values, model.position.values, model.word.scales, model.position.scales, b.token_ids,
              b.positions, b.x, N, D});
  }
  norm(nullptr, model.embedding_norm.gamma, model.embedding_norm.beta,
       model.layers.empty() ? 0.0F : model.layers[0].ready.attention_input_inverse_scale, !model.layers.empty());

  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const DeviceLayer& layer = model.layers[i];
    const bool last = i + 1 == model.layers.size();

    linear(layer.qkv, b.input, b.input_stride, N,
           QuantizedOutput{layer.ready.qkv_inverse_scale, nullptr, b.qkv, b.qkv_stride});  // [N, 3*H*W]
    attend(run, model, b, config.encoder.layers[i].heads, layer);                          // [N, H*W]
    linear(layer.attention_output, b.context, b.context_stride, N, FloatOutput{b.y, D});
    norm(b.y, layer.attention_norm.gamma, layer.attention_norm.beta, layer.ready.ffn_input_inverse_scale, true);

    linear(layer.ffn_up, b.input, b.input_stride, N,
           QuantizedOutput{layer.ready.ffn_up_inverse_scale, layer.ready.gelu, b.hidden, b.hidden_stride});  // [N, F]
    linear(layer.ffn_down, b.hidden, b.hidden_stride, N, FloatOutput{b.y, D});
    norm(b.y, layer.ffn_norm.gamma, layer.ffn_norm.beta,
         last ? model.head_input_inverse_scale : model.layers[i + 1].ready.attention_input_inverse_scale,
         !last || every_token);
  }

  if (!every_token) {
    run(Pool{b.x, b.offsets, model.head_input_inverse_scale, b.input, b.input_stride, b.texts, D,
             config.pooling == spec::Pooling::kMean});
  }
  linear(model.classifier, b.input, b.input_stride, every_token ? N : b.texts, FloatOutput{b.logits, config.classes});
  return run.status();
}

}  // namespace noggin::gpu
