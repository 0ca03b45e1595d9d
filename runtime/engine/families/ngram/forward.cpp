#include "engine/families/ngram/forward.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "spec/formulas.h"
#include "spec/quant.h"

namespace noggin::runtime {
namespace {

// Sorts ids in ascending order and merges equal ones; values[k] is the quantized value of the k-th as a float. Returns
// how many remain.
std::size_t bag_of(std::span<std::uint32_t> ids, const float* inverse_document_frequency, float* values) {
  std::sort(ids.begin(), ids.end());
  std::size_t distinct = 0;
  float squares = 0.0F;
  for (std::size_t i = 0; i < ids.size(); ++distinct) {
    const std::uint32_t id = ids[i];
    std::uint32_t count = 0;
    for (; i < ids.size() && ids[i] == id; ++i) ++count;
    ids[distinct] = id;
    values[distinct] = spec::ngram_value(count, inverse_document_frequency[id]);
    squares += values[distinct] * values[distinct];
  }
  const float inverse_length = distinct > 0 ? 1.0F / std::sqrt(squares) : 0.0F;
  for (std::size_t k = 0; k < distinct; ++k) {
    values[k] = static_cast<float>(spec::quantize_unit(values[k] * inverse_length));
  }
  return distinct;
}

void add_row(const std::int8_t* row, std::int32_t value, std::size_t classes, std::int32_t* sums) {
  for (std::size_t c = 0; c < classes; ++c) sums[c] += value * row[c];
}

}  // namespace

void carve_ngram(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver, Workspace& w) {
  w.thread_scratch_stride = row_stride(config.max_tokens * sizeof(float) + config.classes * sizeof(std::int32_t));
  w.thread_scratch = carver.take<std::byte>(limits.threads * w.thread_scratch_stride);
}

void ngram_forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member) {
  const format::ModelView& model = chunk.model;
  const Workspace& w = chunk.workspace;
  const std::size_t C = model.config.classes;
  std::byte* scratch = w.thread_scratch + member * w.thread_scratch_stride;
  auto* values = reinterpret_cast<float*>(scratch);
  auto* sums = reinterpret_cast<std::int32_t*>(scratch + model.config.max_tokens * sizeof(float));
  for (std::size_t b = member; b < chunk.texts; b += thread_pool.size()) {
    const std::span<std::uint32_t> ids(w.token_ids + w.text_starts[b], w.token_ids + w.text_starts[b + 1]);
    const std::size_t distinct = bag_of(ids, model.ngrams.scales, values);
    if (chunk.trace != nullptr) chunk.trace->record("ngrams.value", values, 1, distinct, distinct);
    std::fill_n(sums, C, 0);
    for (std::size_t k = 0; k < distinct; ++k) {
      add_row(model.ngrams.values + ids[k] * C, static_cast<std::int32_t>(values[k]), C, sums);
    }
    float* logits = w.logits + b * C;
    for (std::size_t c = 0; c < C; ++c) logits[c] = spec::dequantize(sums[c], model.head_scale[c]) + model.head_bias[c];
    if (chunk.trace != nullptr) chunk.trace->record("head.classifier", logits, 1, C, C);
  }
}

}  // namespace noggin::runtime
