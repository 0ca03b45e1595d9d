// Runs any number of texts through a device, as many at a time as the session's memory holds. The division into passes
// does not affect the logits: no kernel adds values of two texts.
#pragma once

#include "gpu/forward.h"

namespace noggin::gpu {

// `texts` must have passed check_texts; capacity.tokens >= max_tokens. index_bytes: host memory
// [batch_index_bytes(capacity)] that the device can copy from. Writes logits [logit_rows(texts, model.config), C] to
// host memory. Allocates nothing.
template <typename Device>
Status run_chunks(Device& device, const DeviceModel& model, const BatchCapacity& capacity, DeviceBatch batch,
                  const PackedTexts& texts, std::byte* index_bytes, float* logits) {
  const std::size_t classes = model.config.classes;
  for (std::size_t first = 0; first < texts.texts();) {
    const std::size_t count = texts_of_chunk(texts, first, capacity);
    const BatchIndex index = batch_index(texts, first, count, capacity, index_bytes);
    batch.texts = index.texts;
    batch.tokens = index.tokens;
    batch.query_tiles = index.query_tiles;
    Status status = device.upload(batch.index, index_bytes, batch_index_bytes(capacity));
    if (status) status = forward(device, model, batch);
    const std::size_t rows = model.config.pooling == spec::Pooling::kEveryToken ? index.tokens : count;
    if (status) status = device.download(logits, batch.logits, rows * classes * sizeof(float));
    if (!status) return status;
    logits += rows * classes;
    first += count;
  }
  return {};
}

}  // namespace noggin::gpu
