// The student's forward pass, written once. An Arithmetic decides how products, attention and activations are computed:
// FloatArithmetic here, QuantizedArithmetic in train/compress. Same order and names as
// runtime/engine/families/encoder/forward.cpp.
#pragma once

#include "train/model/packed_batch.h"
#include "train/model/student.h"

namespace noggin::train {

// The steps that quantization changes.
class Arithmetic {
 public:
  virtual ~Arithmetic() = default;
  // Rows `ids` of an embedding table that a device stores as `type`: [N] -> [N, D].
  virtual Tensor embed(const Tensor& table, const Tensor& ids, spec::WeightType type) = 0;
  // Widens rows [N, E] of a narrow word table of `type`, in training form: rows * weight^T, weight [D, E] -> [N, D].
  virtual Tensor project(const Tensor& rows, const Tensor& weight, spec::WeightType type) = 0;
  // x * weight^T + bias: [N, K] -> [N, outputs].
  virtual Tensor linear(const Tensor& x, const Linear& layer) = 0;
  // Self-attention of every text over its own tokens: qkv [N, 3*H*W] -> context [N, H*W], before the head mask. Rows
  // after the last text, if any, become zeros.
  virtual Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                           const PackedBatch& batch) = 0;
  // linear(attention(linear(x, layer.qkv)), output): [N, D] -> [N, D]. output: the layer's attention_output, masked or
  // not. Stores linear(x, layer.qkv) in `qkv` unless that is null.
  virtual Tensor self_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output,
                                std::int64_t head_width, const PackedBatch& batch, Tensor* qkv);
  // GELU of the FFN's pre-activation: [N, F] -> [N, F].
  virtual Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) = 0;
  // linear(activation(linear(x, ffn_up)), down): [N, D] -> [N, D]. down: the layer's ffn_down, masked or not.
  virtual Tensor feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down);
  // Whether linear layers take their input in bfloat16 rather than float.
  virtual bool takes_bf16() const { return false; }
  // The number of rows of a batch is padded to a multiple of this, with rows that belong to no text. oneDNN compiles a
  // kernel for each distinct number of rows in a bfloat16 product, so there should be few of them.
  virtual std::int64_t row_multiple() const { return 1; }
};

class FloatArithmetic : public Arithmetic {
 public:
  Tensor embed(const Tensor& table, const Tensor& ids, spec::WeightType type) override;
  Tensor project(const Tensor& rows, const Tensor& weight, spec::WeightType type) override;
  Tensor linear(const Tensor& x, const Linear& layer) override;
  Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                   const PackedBatch& batch) override;
  Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) override;
};

// Products in bfloat16 with sums in float; weights, their gradients, the residual stream, norms, pooling and the
// classifier stay in float. Like autocast, except that autocast also rounds the residual stream.
class Bf16Arithmetic : public FloatArithmetic {
 public:
  Tensor linear(const Tensor& x, const Linear& layer) override;
  bool takes_bf16() const override { return true; }
  std::int64_t row_multiple() const override { return kRowMultiple; }
  static constexpr std::int64_t kRowMultiple = 64;
};

// Queries, keys and values of every head, padded: each [B, H, T, W].
struct SplitHeads {
  Tensor query, key, value;
};
SplitHeads split_heads(const Tensor& qkv, std::int64_t heads, std::int64_t head_width, const PackedBatch& batch);
// [B, H, T, W] -> [N, H*W]
Tensor join_heads(const Tensor& context, const PackedBatch& batch);

// What a forward pass can record from its last layer, for real tokens only.
struct LastLayer {
  Tensor hidden;  // [N, D], float
  Tensor qkv;     // [N, 3*H*W], before attention
};

// Logits [R, C]: R = B, or N if the head answers for every token (Pooling::kEveryToken). dropout > 0 is applied as in
// BERT: after the embedding norm, after each sub-layer, before the classifier. Fills `seen` unless it is null.
Tensor forward(const Student& student, const PackedBatch& batch, Arithmetic& arithmetic, double dropout = 0.0,
               LastLayer* seen = nullptr);

}  // namespace noggin::train
