#include "train/model/forward.h"

#include "train/model/fused_steps.h"

namespace noggin::train {
namespace {

Tensor real_rows(const Tensor& x, const PackedBatch& batch) { return x.narrow(0, 0, batch.token_ids.size(0)); }

Tensor pool(const Tensor& x, const PackedBatch& batch, spec::Pooling pooling) {  // [N or more, D] -> [R, D]
  if (pooling == spec::Pooling::kEveryToken) return real_rows(x, batch);
  if (pooling == spec::Pooling::kFirstToken) return to_padded(x, batch).select(1, 0);
  return mean_of_texts(x, batch);
}

// The layer with a pruning mask [columns] applied to the columns of its weight: the same as masking its input, in one
// pass over weights and none over tokens. Outside a prune phase the masks are ones and the pass is skipped.
Linear masked(const Linear& layer, const Tensor& mask, std::int64_t columns_per_entry) {
  if (!mask.requires_grad() && mask.eq(1.0).all().item<bool>()) return layer;
  Linear behind = layer;
  behind.weight = layer.weight * mask.repeat_interleave(columns_per_entry);
  return behind;
}

Tensor embed_words(const Student& student, const Tensor& ids, Arithmetic& arithmetic) {  // [N] -> [N, D]
  const spec::WeightType type = student.config.encoder.word_type;
  if (student.config.encoder.embedding_width == 0) return arithmetic.embed(student.word, ids, type);
  return arithmetic.project(torch::embedding(student.word, ids), student.word_projection, type);
}

// The extra rows at the end belong to no text: nothing reads them, so their gradients are zero.
Tensor padded_ids(const Tensor& ids, std::int64_t multiple) {
  const std::int64_t missing = (multiple - ids.size(0) % multiple) % multiple;
  return missing == 0 ? ids : torch::cat({ids, torch::zeros({missing}, ids.options())});
}

}  // namespace

Tensor forward(const Student& student, const PackedBatch& batch, Arithmetic& arithmetic, double dropout,
               LastLayer* seen) {
  const spec::ModelConfig& config = student.config;
  const bool rounded = arithmetic.takes_bf16();
  const NormOptions after_embedding{config.encoder.layer_norm_epsilon, 0.0, dropout, rounded};
  const NormOptions after_sub_layer{config.encoder.layer_norm_epsilon, dropout, 0.0, rounded};

  const std::int64_t multiple = arithmetic.row_multiple();
  const Tensor embedded =
      embed_words(student, padded_ids(batch.token_ids, multiple), arithmetic) +
      arithmetic.embed(student.position, padded_ids(batch.positions, multiple), spec::WeightType::kInt8);
  Streams x = add_norm(embedded, {}, student.embedding_norm, after_embedding);  // [N, D]
  for (const EncoderLayer& layer : student.layers) {
    const bool noted = seen != nullptr && &layer == &student.layers.back();
    Tensor qkv;  // [N, 3*H*W], if noted
    const Linear output = masked(layer.attention_output, layer.head_mask, config.encoder.head_width);
    const Tensor attended = arithmetic.self_attention(x.input, layer, output, config.encoder.head_width, batch,
                                                      noted ? &qkv : nullptr);  // [N, D]
    x = add_norm(attended, x.residual, layer.attention_norm, after_sub_layer);

    const Tensor transformed =
        arithmetic.feed_forward(x.input, layer, masked(layer.ffn_down, layer.ffn_mask, 1));  // [N, D]
    x = add_norm(transformed, x.residual, layer.ffn_norm, after_sub_layer);
    if (noted) *seen = {real_rows(x.residual, batch), real_rows(qkv, batch)};
  }
  const Tensor answering = pool(x.residual, batch, config.pooling);  // [R, D]
  return arithmetic.linear(dropout > 0.0 ? torch::dropout(answering, dropout, true) : answering,
                           student.classifier);  // [R, C]
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

Tensor Arithmetic::self_attention(const Tensor& x, const EncoderLayer& layer, const Linear& output,
                                  std::int64_t head_width, const PackedBatch& batch, Tensor* noted) {
  const Tensor qkv = linear(x, layer.qkv);  // [N, 3*H*W]
  if (noted != nullptr) *noted = qkv;
  return linear(attention(qkv, layer, head_width, batch), output);
}

Tensor Arithmetic::feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down) {
  const Tensor hidden = activation(linear(x, layer.ffn_up), layer);  // [N, F]
  return linear(hidden, down);
}

Tensor FloatArithmetic::embed(const Tensor& table, const Tensor& ids, spec::WeightType) {
  return torch::embedding(table, ids);
}

Tensor FloatArithmetic::project(const Tensor& rows, const Tensor& weight, spec::WeightType) {
  return torch::linear(rows, weight);
}

Tensor FloatArithmetic::linear(const Tensor& x, const Linear& layer) {
  return torch::linear(x, layer.weight, layer.bias);
}

Tensor FloatArithmetic::attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                                  const PackedBatch& batch) {
  if (can_attend(qkv, head_width, batch)) return attend(qkv, head_width, batch);
  const SplitHeads heads = split_heads(qkv, layer.head_mask.size(0), head_width, batch);
  const Tensor real_keys = batch.real.view({batch.texts, 1, 1, batch.longest}) > 0.5;
  const Tensor context =
      join_heads(at::scaled_dot_product_attention(heads.query, heads.key, heads.value, real_keys), batch);
  return torch::constant_pad_nd(context, {0, 0, 0, qkv.size(0) - context.size(0)});
}

Tensor FloatArithmetic::activation(const Tensor& preactivation, const EncoderLayer&) {
  return fused_gelu(preactivation);
}

Tensor Bf16Arithmetic::linear(const Tensor& x, const Linear& layer) {
  return x.scalar_type() == torch::kBFloat16 ? rounded_linear(x, layer.weight, layer.bias)
                                             : FloatArithmetic::linear(x, layer);
}

}  // namespace noggin::train
