#include "engine/families/encoder/workspace.h"

#include <algorithm>

#include "kernels/kernel_set.h"

namespace noggin::runtime {

void carve_encoder(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver, Workspace& w) {
  std::size_t attention_width = 0, ffn_width = 0;  // of the widest layer
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    attention_width = std::max<std::size_t>(attention_width, std::size_t{layer.heads} * config.encoder.head_width);
    ffn_width = std::max<std::size_t>(ffn_width, layer.ffn_width);
  }
  const std::size_t tokens = limits.tokens;
  w.input_stride = row_stride(config.encoder.width);
  w.qkv_stride = row_stride(3 * attention_width);
  w.context_stride = row_stride(attention_width);
  w.hidden_stride = row_stride(ffn_width);
  w.thread_scratch_stride = row_stride(attention_scratch_bytes(config.max_tokens, config.encoder.head_width));

  w.x = carver.take<float>(tokens * config.encoder.width);
  w.y = carver.take<float>(tokens * config.encoder.width);
  w.input = carver.take<std::int8_t>(tokens * w.input_stride);
  w.pooled = carver.take<float>(limits.texts * config.encoder.width);
  w.thread_scratch = carver.take<std::byte>(limits.threads * w.thread_scratch_stride);

  // A single thread is done with qkv and context before it writes hidden; with several, one may be ahead.
  const std::size_t shared = carver.used();
  w.hidden = carver.take<std::int8_t>(tokens * w.hidden_stride);
  const std::size_t after_hidden = carver.used();
  if (limits.threads == 1) carver.rewind(shared);
  w.qkv = carver.take<std::int8_t>(tokens * w.qkv_stride);
  w.context = carver.take<std::int8_t>(tokens * w.context_stride);
  carver.rewind(std::max(carver.used(), after_hidden));
}

}  // namespace noggin::runtime
