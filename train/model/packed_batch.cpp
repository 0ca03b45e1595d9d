#include "train/model/packed_batch.h"

#include <algorithm>

namespace noggin::train {
namespace {

torch::Tensor int64_tensor(const std::vector<std::int64_t>& values, torch::Device device) {
  return torch::tensor(values, torch::kInt64).to(device);
}

}  // namespace

PackedBatch pack_batch(std::span<const std::span<const std::uint32_t>> texts, torch::Device device) {
  PackedBatch batch;
  batch.texts = static_cast<std::int64_t>(texts.size());
  for (const auto& text : texts) batch.longest = std::max(batch.longest, static_cast<std::int64_t>(text.size()));
  const std::int64_t slots = batch.texts * batch.longest;

  std::vector<std::int64_t> ids, positions, from;
  std::vector<std::int64_t> to(static_cast<std::size_t>(slots), 0);
  std::vector<float> real(static_cast<std::size_t>(slots), 0.0F), lengths;
  for (std::int64_t b = 0; b < batch.texts; ++b) {
    batch.starts.push_back(static_cast<std::int64_t>(ids.size()));
    const auto& text = texts[static_cast<std::size_t>(b)];
    for (std::size_t t = 0; t < text.size(); ++t) {
      const std::int64_t slot = b * batch.longest + static_cast<std::int64_t>(t);
      to[static_cast<std::size_t>(slot)] = static_cast<std::int64_t>(ids.size());
      real[static_cast<std::size_t>(slot)] = 1.0F;
      from.push_back(slot);
      ids.push_back(text[t]);
      positions.push_back(static_cast<std::int64_t>(t));
    }
    lengths.push_back(static_cast<float>(text.size()));
  }
  batch.starts.push_back(static_cast<std::int64_t>(ids.size()));
  batch.token_ids = int64_tensor(ids, device);
  batch.positions = int64_tensor(positions, device);
  batch.to_padded = int64_tensor(to, device);
  batch.from_padded = int64_tensor(from, device);
  batch.real = torch::tensor(real).view({batch.texts, batch.longest}).to(device);
  batch.lengths = torch::tensor(lengths).view({batch.texts, 1}).to(device);
  return batch;
}

// torch::embedding as a row gather: its backward is deterministic and parallel, which index_add is not.
torch::Tensor to_padded(const torch::Tensor& rows, const PackedBatch& batch) {
  return torch::embedding(rows, batch.to_padded).view({batch.texts, batch.longest, rows.size(1)});
}

torch::Tensor from_padded(const torch::Tensor& padded, const PackedBatch& batch) {
  return torch::embedding(padded.reshape({batch.texts * batch.longest, padded.size(2)}), batch.from_padded);
}

}  // namespace noggin::train
