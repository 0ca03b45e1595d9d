// A batch of texts on the device: what the caller passes, what the kernels read, and the scratch memory that both need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "gpu/attention_kernel.h"
#include "noggin/result.h"
#include "spec/model_config.h"

namespace noggin::gpu {

// B texts without padding: text b is token_ids[offsets[b]] .. token_ids[offsets[b + 1] - 1], special tokens included.
struct PackedTexts {
  std::span<const std::uint32_t> token_ids;  // [N]
  std::span<const std::uint32_t> offsets;    // [B + 1], ascending, from 0 to N
  std::size_t texts() const { return offsets.empty() ? 0 : offsets.size() - 1; }
};

// Success if every text has 1 to max_tokens ids, all below the vocabulary size; otherwise the error names the text.
Status check_texts(const PackedTexts& texts, const spec::ModelConfig& config);

// How many rows of logits [C] the texts have together.
inline std::size_t logit_rows(const PackedTexts& texts, const spec::ModelConfig& config) {
  return config.pooling == spec::Pooling::kEveryToken ? texts.token_ids.size() : texts.texts();
}

// How much one chunk through the device may hold. More than a session's capacity takes several chunks.
struct BatchCapacity {
  std::size_t texts = 64;
  std::size_t tokens = 4096;
};

// How many texts from `first` on fit into one chunk: at least one if capacity.tokens >= max_tokens.
std::size_t texts_of_chunk(const PackedTexts& texts, std::size_t first, const BatchCapacity& capacity);

// What the kernels read in one pass; laid out on the host, copied in one piece.
struct BatchIndex {
  std::uint32_t texts, tokens, query_tiles;
};
std::size_t batch_index_bytes(const BatchCapacity& capacity);
// Fills bytes[batch_index_bytes(capacity)], 64-byte aligned. Allocates nothing.
BatchIndex batch_index(const PackedTexts& texts, std::size_t first, std::size_t count, const BatchCapacity& capacity,
                       std::byte* bytes);

// Device memory of a session, all in one block. Letters as in kernel_set.h; F and H*W of the widest layer.
struct DeviceBatch {
  std::uint32_t texts = 0, tokens = 0, query_tiles = 0;
  const std::uint32_t *token_ids, *positions, *offsets;  // [N], [N], [B + 1]: in the index
  const QueryTile* tiles;
  std::byte* index;                             // a copy of what batch_index() filled
  float *x, *y;                                 // [N, D]
  std::int8_t *input, *qkv, *context, *hidden;  // [N, stride of each]
  std::uint32_t input_stride, qkv_stride, context_stride, hidden_stride;
  float* logits;  // [B, C], or [N, C] where the head answers every token
};
std::size_t batch_bytes(const spec::ModelConfig& config, const BatchCapacity& capacity);
DeviceBatch place_batch(const spec::ModelConfig& config, const BatchCapacity& capacity, std::byte* base);

}  // namespace noggin::gpu
