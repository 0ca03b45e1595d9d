// The student's forward pass, once. How a product, an attention or an activation is computed is the Arithmetic's affair:
// FloatArithmetic here, QuantizedArithmetic in train/compress. Same order and names as runtime/engine/forward.cpp.
#pragma once

#include "train/model/packed_batch.h"
#include "train/model/student.h"

namespace noggin::train {

// The steps that quantization changes.
class Arithmetic {
 public:
  virtual ~Arithmetic() = default;
  // Rows `ids` of an embedding table: [N] -> [N, D].
  virtual Tensor embed(const Tensor& table, const Tensor& ids) = 0;
  // Rows of a narrow word table [N, E], as they are trained, widened: rows * weight^T, weight [D, E] -> [N, D].
  virtual Tensor project(const Tensor& rows, const Tensor& weight) = 0;
  // x * weight^T + bias: [N, K] -> [N, outputs].
  virtual Tensor linear(const Tensor& x, const Linear& layer) = 0;
  // Self-attention of every text over its own tokens: qkv [N, 3*H*W] -> context [N, H*W], before the head mask. Rows
  // behind the last text, if there are any, become zeros.
  virtual Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                           const PackedBatch& batch) = 0;
  // linear(attention(linear(x, layer.qkv)), output): [N, D] -> [N, D]. output: the layer's attention_output, or what a mask made
  // of it. Notes linear(x, layer.qkv) where qkv is not null.
  virtual Tensor self_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output, std::int64_t head_width,
                                const PackedBatch& batch, Tensor* qkv);
  // GELU of the FFN's pre-activation: [N, F] -> [N, F].
  virtual Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) = 0;
  // linear(activation(linear(x, ffn_up)), down): [N, D] -> [N, D]. down: the layer's ffn_down, or what a mask made of it.
  virtual Tensor feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down);
  // Whether linear layers want their input in bfloat16, not in float.
  virtual bool takes_bf16() const { return false; }
  // Of what the rows of a batch are made a multiple, with rows that belong to no text: oneDNN compiles a kernel for every
  // number of rows that it meets in a bfloat16 product, so there should be few different ones.
  virtual std::int64_t row_multiple() const { return 1; }
};

class FloatArithmetic : public Arithmetic {
 public:
  Tensor embed(const Tensor& table, const Tensor& ids) override;
  Tensor project(const Tensor& rows, const Tensor& weight) override;
  Tensor linear(const Tensor& x, const Linear& layer) override;
  Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                   const PackedBatch& batch) override;
  Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) override;
};

// Products in bfloat16 with sums in float; weights, their gradients, the residual stream, norms, pooling and the classifier
// stay in float. What autocast would do, but for the residual stream, which autocast rounds too.
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

// What a forward pass can note of its last layer, of real tokens only.
struct LastLayer {
  Tensor hidden;  // [N, D], float
  Tensor qkv;     // [N, 3*H*W], before attention
};

// Logits [R, C]: R = B, or N where the head answers for every token (Pooling::kEveryToken). dropout > 0 drops as in BERT:
// after the embedding norm, after each sub-layer, before the classifier. Fills `seen` where it is not null.
Tensor forward(const Student& student, const PackedBatch& batch, Arithmetic& arithmetic, double dropout = 0.0,
               LastLayer* seen = nullptr);

}  // namespace noggin::train
