#include "engine/families/encoder/forward.h"

#include <algorithm>

#include "spec/row_formulas.h"
#include "spec/tensor_table.h"

namespace noggin::runtime {
namespace {

// Builds a step's name only if there is a trace: names are strings.
class Tracer {
 public:
  explicit Tracer(TraceSink* sink) : sink_(sink) {}

  template <typename T>
  void operator()(const char* step, const T* values, std::size_t rows, std::size_t columns, std::size_t stride) const {
    if (sink_ != nullptr) sink_->record(step, values, rows, columns, stride);
  }
  template <typename T>
  void operator()(std::size_t layer, const char* part, const T* values, std::size_t rows, std::size_t columns,
                  std::size_t stride) const {
    if (sink_ != nullptr) sink_->record(spec::layer_name(layer, part), values, rows, columns, stride);
  }

 private:
  TraceSink* sink_;
};

struct Range {
  std::size_t begin, end;
  std::size_t count() const { return end - begin; }
};

Range part_of(std::size_t count, std::size_t member, std::size_t members) {
  return {count * member / members, count * (member + 1) / members};
}

// Rows of the activations, one per token, or one per text once only the texts' first tokens count.
struct Rows {
  Range range;  // in the workspace's buffers
  float *x, *y;
  std::int8_t *input, *qkv, *context, *hidden;
  std::size_t count() const { return range.count(); }
};

Rows rows_of(const Workspace& w, std::size_t width, float* x, const Range& range) {
  const std::size_t first = range.begin;
  return {range,
          x + first * width,
          w.y + first * width,
          w.input + first * w.input_stride,
          w.qkv + first * w.qkv_stride,
          w.context + first * w.context_stride,
          w.hidden + first * w.hidden_stride};
}

// What one member of the pool works on.
struct Share {
  const Chunk& chunk;
  ThreadPool& thread_pool;
  Tracer trace;
  Range texts;
  Rows rows;
  std::byte* scratch;

  const spec::ModelConfig& config() const { return chunk.model.config; }
  bool is_last(std::size_t layer) const { return layer + 1 == chunk.model.layers.size(); }
  bool every_token() const { return config().pooling == spec::Pooling::kEveryToken; }
  // x = LayerNorm(x + added), quantized into `input` unless that is null. added may be null.
  void add_norm(const float* added, const spec::NormView& norm, float inverse_scale, std::int8_t* input) const {
    chunk.kernels.add_layer_norm(rows.x, added, rows.count(), config().encoder.width, norm.gamma, norm.beta,
                                 config().encoder.layer_norm_epsilon, inverse_scale, input,
                                 chunk.workspace.input_stride);
  }
};

Share share_of(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member) {
  const Workspace& w = chunk.workspace;
  const Range tokens = part_of(w.text_starts[chunk.texts], member, thread_pool.size());
  return {chunk,
          thread_pool,
          Tracer(chunk.trace),
          part_of(chunk.texts, member, thread_pool.size()),
          rows_of(w, chunk.model.config.encoder.width, w.x, tokens),
          w.thread_scratch + member * w.thread_scratch_stride};
}

// Calls use(text, rows of this text that are in `rows`).
template <typename Use>
void for_each_text(const Workspace& w, std::size_t texts, const Range& rows, const Use& use) {
  for (std::size_t b = 0; b < texts && w.text_starts[b] < rows.end; ++b) {
    const Range part = {std::max<std::size_t>(w.text_starts[b], rows.begin),
                        std::min<std::size_t>(w.text_starts[b + 1], rows.end)};
    if (part.begin < part.end) use(b, part);
  }
}

// The rows of a narrow word table, widened; w.input, which is at least as wide, holds them in between.
void embed_narrow(const Chunk& chunk, const Range& rows) {
  const Workspace& w = chunk.workspace;
  const spec::EmbeddingView &word = chunk.model.word, &position = chunk.model.position;
  const std::size_t D = chunk.model.config.encoder.width;
  for (std::size_t t = rows.begin; t < rows.end; ++t) {
    word.unpack_row(w.token_ids[t], w.input + t * w.input_stride);
  }
  chunk.kernels.linear(chunk.model.word_projection, w.input + rows.begin * w.input_stride, w.input_stride, rows.count(),
                       w.x + rows.begin * D);
  for_each_text(w, chunk.texts, rows, [&](std::size_t b, const Range& part) {
    for (std::size_t t = part.begin; t < part.end; ++t) {
      const std::size_t place = t - w.text_starts[b];
      spec::scale_and_add(w.x + t * D, D, word.scales[w.token_ids[t]], position.values + place * D,
                          position.scales[place]);
    }
  });
}

void embed_words(const Chunk& chunk, const Range& rows) {
  const Workspace& w = chunk.workspace;
  for_each_text(w, chunk.texts, rows, [&](std::size_t b, const Range& part) {
    const auto position = static_cast<std::uint32_t>(part.begin - w.text_starts[b]);
    chunk.kernels.embed(chunk.model.word, chunk.model.position.from_row(position), w.token_ids + part.begin,
                        part.count(), w.x + part.begin * chunk.model.config.encoder.width);
  });
}

// x [rows, D]: each text counts its positions from 0. input: x for the first layer, if there is one.
void embed(const Share& share) {
  const Chunk& chunk = share.chunk;
  const Rows& rows = share.rows;
  const std::size_t D = share.config().encoder.width;
  if (share.config().encoder.embedding_width > 0) {
    embed_narrow(chunk, rows.range);
  } else {
    embed_words(chunk, rows.range);
  }
  const bool pooled_next = chunk.model.layers.empty();
  share.add_norm(nullptr, chunk.model.embedding_norm,
                 pooled_next ? 0.0F : chunk.prepared.layers[0].attention_input_inverse_scale,
                 pooled_next ? nullptr : rows.input);
  share.trace("embeddings.norm", rows.x, rows.count(), D, D);
}

// Context rows of the queries in `rows`, over all keys of their texts.
void attend(const Chunk& chunk, std::size_t layer, const Range& rows, std::byte* scratch) {
  const Workspace& w = chunk.workspace;
  const PreparedLayer& ready = chunk.prepared.layers[layer];
  const spec::ModelConfig& config = chunk.model.config;
  for_each_text(w, chunk.texts, rows, [&](std::size_t b, const Range& part) {
    const std::size_t start = w.text_starts[b];
    chunk.kernels.attention({w.qkv + start * w.qkv_stride, w.qkv_stride, w.context + part.begin * w.context_stride,
                             w.context_stride, w.text_starts[b + 1] - start, config.encoder.layers[layer].heads,
                             config.encoder.head_width, ready.score_scale, chunk.model.layers[layer].value_scale,
                             ready.context_inverse_scale, scratch, part.begin - start, part.end - start});
  });
}

// The same for only the first query of each text in `texts`; its context and its x become row b of [texts].
void attend_first_tokens(const Chunk& chunk, std::size_t layer, const Range& texts, std::byte* scratch) {
  const Workspace& w = chunk.workspace;
  const PreparedLayer& ready = chunk.prepared.layers[layer];
  const spec::ModelConfig& config = chunk.model.config;
  for (std::size_t b = texts.begin; b < texts.end; ++b) {
    const std::size_t start = w.text_starts[b];
    chunk.kernels.attention({w.qkv + start * w.qkv_stride, w.qkv_stride, w.context + b * w.context_stride,
                             w.context_stride, w.text_starts[b + 1] - start, config.encoder.layers[layer].heads,
                             config.encoder.head_width, ready.score_scale, chunk.model.layers[layer].value_scale,
                             ready.context_inverse_scale, scratch, 0, 1});
    std::copy_n(w.x + start * config.encoder.width, config.encoder.width, w.pooled + b * config.encoder.width);
  }
}

// input [rows, D] -> x [rows, D], and input for the FFN. Keys and values are those of all members' rows.
void self_attention(Share& share, std::size_t i) {
  const Chunk& chunk = share.chunk;
  const Workspace& w = chunk.workspace;
  const format::LayerView& layer = chunk.model.layers[i];
  const PreparedLayer& ready = chunk.prepared.layers[i];
  const Tracer& trace = share.trace;
  const Rows& rows = share.rows;
  const std::size_t D = share.config().encoder.width, attention_width = layer.attention_output.inputs;  // H*W
  trace(i, "attention.input", rows.input, rows.count(), D, w.input_stride);
  chunk.kernels.linear_quantized(layer.qkv, rows.input, w.input_stride, rows.count(), ready.qkv_inverse_scale, nullptr,
                                 rows.qkv, w.qkv_stride);  // [T, 3*H*W]
  trace(i, "attention.qkv", rows.qkv, rows.count(), 3 * attention_width, w.qkv_stride);
  share.thread_pool.barrier();  // keys and values of all rows are complete
  if (share.is_last(i) && share.config().pooling == spec::Pooling::kFirstToken && chunk.trace == nullptr) {
    attend_first_tokens(chunk, i, share.texts, share.scratch);
    share.rows = rows_of(w, D, w.pooled, share.texts);  // nothing reads the other tokens from here on
  } else {
    attend(chunk, i, rows.range, share.scratch);
  }
  share.thread_pool.barrier();  // this layer's keys and values are no longer needed
  trace(i, "attention.context", rows.context, rows.count(), attention_width, w.context_stride);
  chunk.kernels.linear(layer.attention_output, rows.context, w.context_stride, rows.count(), rows.y);  // [T, D]
  trace(i, "attention.output", rows.y, rows.count(), D, D);
  share.add_norm(rows.y, layer.attention_norm, ready.ffn_input_inverse_scale, rows.input);
  trace(i, "attention.norm", rows.x, rows.count(), D, D);
}

// input [rows, D] -> x [rows, D], and input for the next layer or the head, unless it reads pooled rows.
void feed_forward(const Share& share, std::size_t i) {
  const Chunk& chunk = share.chunk;
  const Workspace& w = chunk.workspace;
  const format::LayerView& layer = chunk.model.layers[i];
  const PreparedLayer& ready = chunk.prepared.layers[i];
  const Tracer& trace = share.trace;
  const Rows& rows = share.rows;
  const std::size_t D = share.config().encoder.width, F = layer.ffn_up.outputs;
  const bool last = share.is_last(i);
  trace(i, "ffn.input", rows.input, rows.count(), D, w.input_stride);
  chunk.kernels.linear_quantized(layer.ffn_up, rows.input, w.input_stride, rows.count(), ready.ffn_up_inverse_scale,
                                 ready.gelu, rows.hidden, w.hidden_stride);  // [T, F]
  trace(i, "ffn.hidden", rows.hidden, rows.count(), F, w.hidden_stride);
  chunk.kernels.linear(layer.ffn_down, rows.hidden, w.hidden_stride, rows.count(), rows.y);  // [T, D]
  trace(i, "ffn.down", rows.y, rows.count(), D, D);
  share.add_norm(
      rows.y, layer.ffn_norm,
      last ? chunk.prepared.head_input_inverse_scale : chunk.prepared.layers[i + 1].attention_input_inverse_scale,
      last && !share.every_token() ? nullptr : rows.input);
  trace(i, "ffn.norm", rows.x, rows.count(), D, D);
}

void encoder_layer(Share& share, std::size_t i) {
  self_attention(share, i);
  feed_forward(share, i);
}

// The head's int8 input for the texts or tokens in `rows` -> logits [rows, C].
void classify(const Share& share, const Range& rows) {
  const Chunk& chunk = share.chunk;
  const Workspace& w = chunk.workspace;
  const std::size_t D = chunk.model.config.encoder.width, C = chunk.model.config.classes;
  const std::int8_t* input = w.input + rows.begin * w.input_stride;
  float* logits = w.logits + rows.begin * C;
  share.trace("head.input", input, rows.count(), D, w.input_stride);
  chunk.kernels.linear(chunk.model.classifier, input, w.input_stride, rows.count(), logits);
  share.trace("head.classifier", logits, rows.count(), C, C);
}

// The head's int8 input for the texts: the mean over their rows of x, or the first row.
void pool(const Share& share) {
  const Chunk& chunk = share.chunk;
  const Range& texts = share.texts;
  const Workspace& w = chunk.workspace;
  const std::size_t D = chunk.model.config.encoder.width;
  for (std::size_t b = texts.begin; b < texts.end; ++b) {
    const float* text = w.x + w.text_starts[b] * D;
    if (chunk.model.config.pooling == spec::Pooling::kMean) {
      chunk.kernels.mean_pool(text, w.text_starts[b + 1] - w.text_starts[b], D, w.pooled + b * D);
    } else if (chunk.trace != nullptr) {
      std::copy_n(text, D, w.pooled + b * D);  // else attend_first_tokens has put it there
    }
  }
  const float* pooled = w.pooled + texts.begin * D;
  share.trace("pooled", pooled, texts.count(), D, D);
  std::int8_t* input = w.input + texts.begin * w.input_stride;
  for (std::size_t b = 0; b < texts.count(); ++b) {
    chunk.kernels.quantize(pooled + b * D, D, chunk.prepared.head_input_inverse_scale, input + b * w.input_stride);
  }
}

}  // namespace

void encoder_forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member) {
  Share share = share_of(chunk, thread_pool, member);
  embed(share);
  for (std::size_t i = 0; i < chunk.model.layers.size(); ++i) encoder_layer(share, i);
  if (share.every_token()) return classify(share, share.rows.range);
  thread_pool.barrier();  // all rows of a text are complete
  pool(share);
  classify(share, share.texts);
}

}  // namespace noggin::runtime
