#include "gpu/batch.h"

#include <algorithm>
#include <string>

#include "gpu/block_layout.h"

namespace noggin::gpu {
namespace {

constexpr std::size_t kQueries = Attention<4>::kQueries;

// The index is at the start of a session's block: token ids, positions, offsets, query tiles.
struct IndexLayout {
  std::size_t token_ids, positions, offsets, tiles, bytes;
  explicit IndexLayout(const BatchCapacity& capacity) {
    BlockLayout layout;
    token_ids = layout.add<std::uint32_t>(capacity.tokens);
    positions = layout.add<std::uint32_t>(capacity.tokens);
    offsets = layout.add<std::uint32_t>(capacity.texts + 1);
    // A text of T tokens needs at most T / 16 + 1 tiles.
    tiles = layout.add<QueryTile>(capacity.tokens / kQueries + capacity.texts);
    bytes = layout.bytes();
  }
};

struct Widths {
  std::size_t attention = 0, ffn = 0;  // H*W, F
  explicit Widths(const spec::ModelConfig& config) {
    for (const spec::LayerConfig& layer : config.encoder.layers) {
      attention = std::max(attention, std::size_t{layer.heads} * config.encoder.head_width);
      ffn = std::max(ffn, std::size_t{layer.ffn_width});
    }
  }
};

DeviceBatch walk_batch(const spec::ModelConfig& config, const BatchCapacity& capacity, std::byte* base,
                       std::size_t& bytes) {
  const Widths widths(config);
  const IndexLayout index(capacity);
  DeviceBatch batch;
  // Rows of an operand start at a word boundary and hold the whole padded K of the layer that reads them.
  batch.input_stride = static_cast<std::uint32_t>(spec::padded_inputs(config.encoder.width));
  batch.qkv_stride = static_cast<std::uint32_t>(spec::padded_outputs(3 * widths.attention));
  batch.context_stride = static_cast<std::uint32_t>(spec::padded_inputs(widths.attention));
  batch.hidden_stride = static_cast<std::uint32_t>(spec::padded_outputs(widths.ffn));
  BlockLayout layout;
  const auto array = [&]<typename T>(T*& place, std::size_t count) {
    place = BlockLayout::at<T>(base, layout.add<T>(count));
  };
  const std::size_t rows = capacity.tokens, width = config.encoder.width;
  array(batch.index, index.bytes);
  array(batch.x, rows * width);
  array(batch.y, rows * width);
  array(batch.input, std::max(rows, capacity.texts) * batch.input_stride);  // also the head's input, a row per text
  array(batch.qkv, rows * batch.qkv_stride);
  array(batch.context, rows * batch.context_stride);
  array(batch.hidden, rows * batch.hidden_stride);
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  array(batch.logits, (every_token ? rows : capacity.texts) * config.classes);
  batch.token_ids = BlockLayout::at<const std::uint32_t>(batch.index, index.token_ids);
  batch.positions = BlockLayout::at<const std::uint32_t>(batch.index, index.positions);
  batch.offsets = BlockLayout::at<const std::uint32_t>(batch.index, index.offsets);
  batch.tiles = BlockLayout::at<const QueryTile>(batch.index, index.tiles);
  bytes = layout.bytes();
  return batch;
}

Error invalid(const std::string& what) { return {ErrorCode::kInvalidArgument, "batch: " + what}; }

}  // namespace

Status check_texts(const PackedTexts& texts, const spec::ModelConfig& config) {
  if (texts.texts() == 0) return invalid("no texts given. Fix: give at least one, offsets [0, tokens]");
  if (texts.offsets.front() != 0 || texts.offsets.back() != texts.token_ids.size()) {
    return invalid("the offsets must go from 0 to the number of token ids, " + std::to_string(texts.token_ids.size()));
  }
  for (std::size_t b = 0; b < texts.texts(); ++b) {
    const std::size_t first = texts.offsets[b], end = texts.offsets[b + 1];
    if (end <= first || end - first > config.max_tokens) {
      return invalid("text " + std::to_string(b) + " goes from token " + std::to_string(first) + " to " +
                     std::to_string(end) + "; a text has 1 to " + std::to_string(config.max_tokens) + " tokens");
    }
    if (end > texts.token_ids.size()) {
      return invalid("text " + std::to_string(b) + " ends beyond the token ids");
    }
    for (std::size_t t = first; t < end; ++t) {
      if (texts.token_ids[t] >= config.vocabulary_size) {
        return invalid("text " + std::to_string(b) + ": token id " + std::to_string(texts.token_ids[t]) +
                       " is not below the vocabulary size " + std::to_string(config.vocabulary_size));
      }
    }
  }
  return {};
}

std::size_t texts_of_chunk(const PackedTexts& texts, std::size_t first, const BatchCapacity& capacity) {
  std::size_t count = 0;
  while (count < capacity.texts && first + count < texts.texts() &&
         texts.offsets[first + count + 1] - texts.offsets[first] <= capacity.tokens) {
    ++count;
  }
  return count;
}

std::size_t batch_index_bytes(const BatchCapacity& capacity) { return IndexLayout(capacity).bytes; }

BatchIndex batch_index(const PackedTexts& texts, std::size_t first, std::size_t count, const BatchCapacity& capacity,
                       std::byte* bytes) {
  const IndexLayout layout(capacity);
  auto* const ids = BlockLayout::at<std::uint32_t>(bytes, layout.token_ids);
  auto* const positions = BlockLayout::at<std::uint32_t>(bytes, layout.positions);
  auto* const offsets = BlockLayout::at<std::uint32_t>(bytes, layout.offsets);
  auto* const tiles = BlockLayout::at<QueryTile>(bytes, layout.tiles);
  BatchIndex index{static_cast<std::uint32_t>(count), 0, 0};
  offsets[0] = 0;
  for (std::size_t b = first; b < first + count; ++b) {
    const std::uint32_t start = index.tokens, tokens = texts.offsets[b + 1] - texts.offsets[b];
    for (std::uint32_t t = 0; t < tokens; ++t) {
      ids[start + t] = texts.token_ids[texts.offsets[b] + t];
      positions[start + t] = t;
      if (t % kQueries == 0) tiles[index.query_tiles++] = {start, tokens, t};
    }
    index.tokens += tokens;
    offsets[b - first + 1] = index.tokens;
  }
  return index;
}

std::size_t batch_bytes(const spec::ModelConfig& config, const BatchCapacity& capacity) {
  std::size_t bytes = 0;
  walk_batch(config, capacity, nullptr, bytes);
  return bytes;
}

DeviceBatch place_batch(const spec::ModelConfig& config, const BatchCapacity& capacity, std::byte* base) {
  std::size_t bytes = 0;
  return walk_batch(config, capacity, base, bytes);
}

}  // namespace noggin::gpu
