// Several texts as one run of tokens without padding. Linear layers, norms and activations work on [N, D]; only
// attention and pooling see separate texts, through a gather into [B, T] and back.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

namespace noggin::train {

struct PackedBatch {
  torch::Tensor token_ids;           // [N] int64
  torch::Tensor positions;           // [N] int64, 0.. within each text
  torch::Tensor to_padded;           // [B*T] int64: row of [N, ...] for each padded slot; padding slots point at row 0
  torch::Tensor from_padded;         // [N] int64: padded slot of each row
  torch::Tensor real;                // [B, T] float: 1 for a real token, 0 for padding
  torch::Tensor lengths;             // [B, 1] float
  std::vector<std::int64_t> starts;  // [B + 1]: first row of each text, then N; always on the host
  std::int64_t texts = 0;            // B
  std::int64_t longest = 0;          // T
};

// texts[i]: token ids with special tokens, at least one. Tensors are created on `device`.
PackedBatch pack_batch(std::span<const std::span<const std::uint32_t>> texts, torch::Device device);

// [N, X] -> [B, T, X]; padding slots hold row 0 and must be masked by the caller.
torch::Tensor to_padded(const torch::Tensor& rows, const PackedBatch& batch);
// [B, T, X] -> [N, X]
torch::Tensor from_padded(const torch::Tensor& padded, const PackedBatch& batch);

}  // namespace noggin::train
