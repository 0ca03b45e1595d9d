// The training-time forward of a quantized student. Linear layers are true integer products (the runtime's own kernels
// on the CPU); everything else is fake-quantized. Gradients pass straight through, and activation scales learn as in
// LSQ (Esser et al. 2020, eq. 3 and section 2.2; gradient scale 1/sqrt(count * 127)). Weight scales: largest magnitude
// per output channel. For exact evaluation use quantized_forward.h, which runs every step through the kernels.
#pragma once

#include "train/model/forward.h"

namespace noggin::train {

class QuantizedArithmetic : public Arithmetic {
 public:
  // rounded_gradients: products of the backward pass in bfloat16 with sums in float. The forward pass stays the same to
  // the bit.
  explicit QuantizedArithmetic(bool rounded_gradients = false) : rounded_gradients_(rounded_gradients) {}
  Tensor embed(const Tensor& table, const Tensor& ids, spec::WeightType type) override;
  Tensor project(const Tensor& rows, const Tensor& weight, spec::WeightType type) override;
  Tensor linear(const Tensor& x, const Linear& layer) override;
  Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                   const PackedBatch& batch) override;
  Tensor self_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output, std::int64_t head_width,
                        const PackedBatch& batch, Tensor* qkv) override;
  Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) override;
  Tensor feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down) override;
  std::int64_t row_multiple() const override { return rounded_gradients_ ? Bf16Arithmetic::kRowMultiple : 1; }

 private:
  bool rounded_gradients_;
};

// x rounded to the int8 grid of `scale` [1], as a float; LSQ gradients for x and scale.
Tensor fake_quantize(const Tensor& x, const Tensor& scale);

// quantize(x) * quantize(weight)^T + quantize(bias), exact integer sums; x [N, K], weight [M, K], bias [M], scale [1].
// group, steps: those of quantize_linear; steps that are given learn, too (learned_steps.h).
Tensor quantized_linear(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& scale,
                        bool rounded_gradients = false, std::uint32_t group = 0, const Tensor& steps = {});

}  // namespace noggin::train
