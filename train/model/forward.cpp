#include "train/model/forward.h"

#include <limits>

namespace noggin::train {
namespace {

Tensor layer_norm(const Tensor& x, const Norm& norm, const spec::ModelConfig& config) {
  return torch::layer_norm(x, {x.size(1)}, norm.gamma, norm.beta, config.layer_norm_epsilon);
}

Tensor pool(const Tensor& x, const PackedBatch& batch, spec::Pooling pooling) {  // [N, D] -> [R, D]
  if (pooling == spec::Pooling::kEveryToken) return x;
  const Tensor padded = to_padded(x, batch);                                      // [B, T, D]
  if (pooling == spec::Pooling::kFirstToken) return padded.select(1, 0);
  return (padded * batch.real.unsqueeze(2)).sum(1) / batch.lengths;
}

}  // namespace

Tensor forward(const Student& student, const PackedBatch& batch, Arithmetic& arithmetic, double dropout) {
  const spec::ModelConfig& config = student.config;
  const auto drop = [dropout](const Tensor& x) { return dropout > 0.0 ? torch::dropout(x, dropout, true) : x; };

  Tensor x = arithmetic.embed(student.word, batch.token_ids) + arithmetic.embed(student.position, batch.positions);
  x = drop(layer_norm(x, student.embedding_norm, config));  // [N, D]
  for (const EncoderLayer& layer : student.layers) {
    const Tensor qkv = arithmetic.linear(x, layer.qkv);                                           // [N, 3*H*W]
    Tensor context = arithmetic.attention(qkv, layer, config.head_width, batch);                  // [N, H*W]
    context = context * layer.head_mask.repeat_interleave(config.head_width);
    const Tensor attended = arithmetic.linear(context, layer.attention_output);                   // [N, D]
    x = layer_norm(drop(attended) + x, layer.attention_norm, config);

    Tensor hidden = arithmetic.activation(arithmetic.linear(x, layer.ffn_up), layer);             // [N, F]
    hidden = hidden * layer.ffn_mask;
    const Tensor transformed = arithmetic.linear(hidden, layer.ffn_down);                         // [N, D]
    x = layer_norm(drop(transformed) + x, layer.ffn_norm, config);
  }
  const Tensor answering = pool(x, batch, config.pooling);                                        // [R, D]
  return arithmetic.linear(drop(answering), student.classifier);                                  // [R, C]
}

SplitHeads split_heads(const Tensor& qkv, std::int64_t heads, std::int64_t head_width, const PackedBatch& batch) {
  const Tensor split = to_padded(qkv, batch)
                           .view({batch.texts, batch.longest, 3, heads, head_width})
                           .permute({2, 0, 3, 1, 4});  // [3, B, H, T, W]
  return {split[0], split[1], split[2]};
}

Tensor join_heads(const Tensor& context, const PackedBatch& batch) {
  const std::int64_t width = context.size(1) * context.size(3);
  return from_padded(context.transpose(1, 2).reshape({batch.texts, batch.longest, width}), batch);
}

Tensor FloatArithmetic::embed(const Tensor& table, const Tensor& ids) { return torch::embedding(table, ids); }

Tensor FloatArithmetic::linear(const Tensor& x, const Linear& layer) {
  return torch::linear(x, layer.weight, layer.bias);
}

Tensor FloatArithmetic::attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                                  const PackedBatch& batch) {
  const SplitHeads heads = split_heads(qkv, layer.head_mask.size(0), head_width, batch);
  const Tensor real_keys = batch.real.view({batch.texts, 1, 1, batch.longest}) > 0.5;
  return join_heads(at::scaled_dot_product_attention(heads.query, heads.key, heads.value, real_keys), batch);
}

Tensor FloatArithmetic::activation(const Tensor& preactivation, const EncoderLayer&) {
  return torch::gelu(preactivation);
}

}  // namespace noggin::train
