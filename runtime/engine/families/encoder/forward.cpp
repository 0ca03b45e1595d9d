#include "engine/families/encoder/forward.h"

#include <algorithm>

#include "engine/families/ngram/forward.h"
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
  const std::size_t D = chunk.model.config.width;
  for (std::size_t t = rows.begin; t < rows.end; ++t) {
    std::copy_n(word.values + std::size_t{w.token_ids[t]} * word.columns, word.columns, w.input + t * w.input_stride);
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

// x [rows, D]: each text counts its positions from 0.
void embed(const Chunk& chunk, const Range& rows) {
  if (chunk.model.config.embedding_width > 0) return embed_narrow(chunk, rows);
  const Workspace& w = chunk.workspace;
  for_each_text(w, chunk.texts, rows, [&](std::size_t b, const Range& part) {
    const auto position = static_cast<std::uint32_t>(part.begin - w.text_starts[b]);
    chunk.kernels.embed(chunk.model.word, chunk.model.position.from_row(position), w.token_ids + part.begin,
                        part.count(), w.x + part.begin * chunk.model.config.width);
  });
}

// Context rows of the queries in `rows`, over all keys of their texts.
void attend(const Chunk& chunk, std::size_t layer, const Range& rows, std::byte* scratch) {
  const Workspace& w = chunk.workspace;
  const PreparedLayer& ready = chunk.prepared.layers[layer];
  const spec::ModelConfig& config = chunk.model.config;
  for_each_text(w, chunk.texts, rows, [&](std::size_t b, const Range& part) {
    const std::size_t start = w.text_starts[b];
    chunk.kernels.attention({w.qkv + start * w.qkv_stride, w.qkv_stride, w.context + part.begin * w.context_stride,
                             w.context_stride, w.text_starts[b + 1] - start, config.layers[layer].heads,
                             config.head_width, ready.score_scale, chunk.model.layers[layer].value_scale,
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
                             w.context_stride, w.text_starts[b + 1] - start, config.layers[layer].heads,
                             config.head_width, ready.score_scale, chunk.model.layers[layer].value_scale,
                             ready.context_inverse_scale, scratch, 0, 1});
    std::copy_n(w.x + start * config.width, config.width, w.pooled + b * config.width);
  }
}

// The head's int8 input for the texts or tokens in `rows` -> logits [rows, C].
void classify(const Chunk& chunk, const Range& rows, const Tracer& trace) {
  const Workspace& w = chunk.workspace;
  const std::size_t D = chunk.model.config.width, C = chunk.model.config.classes;
  const std::int8_t* input = w.input + rows.begin * w.input_stride;
  float* logits = w.logits + rows.begin * C;
  trace("head.input", input, rows.count(), D, w.input_stride);
  chunk.kernels.linear(chunk.model.classifier, input, w.input_stride, rows.count(), logits);
  trace("head.classifier", logits, rows.count(), C, C);
}

// The head's int8 input for `texts`: the mean over their rows of x, or the first row.
void pool(const Chunk& chunk, const Range& texts, const Tracer& trace) {
  const Workspace& w = chunk.workspace;
  const std::size_t D = chunk.model.config.width;
  for (std::size_t b = texts.begin; b < texts.end; ++b) {
    const float* text = w.x + w.text_starts[b] * D;
    if (chunk.model.config.pooling == spec::Pooling::kMean) {
      chunk.kernels.mean_pool(text, w.text_starts[b + 1] - w.text_starts[b], D, w.pooled + b * D);
    } else if (chunk.trace != nullptr) {
      std::copy_n(text, D, w.pooled + b * D);  // else attend_first_tokens has put it there
    }
  }
  const float* pooled = w.pooled + texts.begin * D;
  trace("pooled", pooled, texts.count(), D, D);
  std::int8_t* input = w.input + texts.begin * w.input_stride;
  for (std::size_t b = 0; b < texts.count(); ++b) {
    chunk.kernels.quantize(pooled + b * D, D, chunk.prepared.head_input_inverse_scale, input + b * w.input_stride);
  }
}

}  // namespace

void forward(const Chunk& chunk, ThreadPool& thread_pool, std::size_t member) {
  const format::ModelView& model = chunk.model;
  const spec::ModelConfig& config = model.config;
  if (config.family == spec::Family::kNgram) return ngram_forward(chunk, thread_pool, member);
  const KernelSet& kernels = chunk.kernels;
  const Workspace& w = chunk.workspace;
  const Tracer trace(chunk.trace);
  const std::size_t D = config.width, W = config.head_width;
  const float epsilon = config.layer_norm_epsilon;
  const bool first_token = config.pooling == spec::Pooling::kFirstToken;
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  std::byte* scratch = w.thread_scratch + member * w.thread_scratch_stride;
  const Range texts = part_of(chunk.texts, member, thread_pool.size());
  Range rows = part_of(w.text_starts[chunk.texts], member, thread_pool.size());  // of this member
  std::size_t T = rows.count();
  float *x = w.x + rows.begin * D, *y = w.y + rows.begin * D;
  std::int8_t* input = w.input + rows.begin * w.input_stride;
  std::int8_t* context = w.context + rows.begin * w.context_stride;
  std::int8_t* hidden = w.hidden + rows.begin * w.hidden_stride;

  embed(chunk, rows);  // x [T, D]
  kernels.add_layer_norm(x, nullptr, T, D, model.embedding_norm.gamma, model.embedding_norm.beta, epsilon,
                         chunk.prepared.layers[0].attention_input_inverse_scale, input, w.input_stride);
  trace("embeddings.norm", x, T, D, D);

  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const format::LayerView& layer = model.layers[i];
    const PreparedLayer& ready = chunk.prepared.layers[i];
    const bool last = i + 1 == model.layers.size();
    const bool rows_go_on = !last || every_token;  // all rows feed the next layer or the head
    const std::size_t H = config.layers[i].heads, F = config.layers[i].ffn_width;
    std::int8_t* qkv = w.qkv + rows.begin * w.qkv_stride;
    trace(i, "attention.input", input, T, D, w.input_stride);

    kernels.linear_quantized(layer.qkv, input, w.input_stride, T, ready.qkv_inverse_scale, nullptr, qkv,
                             w.qkv_stride);  // [T, 3*H*W]
    trace(i, "attention.qkv", qkv, T, 3 * H * W, w.qkv_stride);
    thread_pool.barrier();  // keys and values of all rows are complete
    if (last && first_token && chunk.trace == nullptr) {
      attend_first_tokens(chunk, i, texts, scratch);
      // From here on the rows are the texts: nothing reads the other tokens.
      rows = texts;
      T = rows.count();
      x = w.pooled + rows.begin * D;
      y = w.y + rows.begin * D;
      input = w.input + rows.begin * w.input_stride;
      context = w.context + rows.begin * w.context_stride;
      hidden = w.hidden + rows.begin * w.hidden_stride;
    } else {
      attend(chunk, i, rows, scratch);  // [T, H*W]
    }
    thread_pool.barrier();  // this layer's keys and values are no longer needed
    trace(i, "attention.context", context, T, H * W, w.context_stride);
    kernels.linear(layer.attention_output, context, w.context_stride, T, y);  // [T, D]
    trace(i, "attention.output", y, T, D, D);
    kernels.add_layer_norm(x, y, T, D, layer.attention_norm.gamma, layer.attention_norm.beta, epsilon,
                           ready.ffn_input_inverse_scale, input, w.input_stride);
    trace(i, "attention.norm", x, T, D, D);
    trace(i, "ffn.input", input, T, D, w.input_stride);

    kernels.linear_quantized(layer.ffn_up, input, w.input_stride, T, ready.ffn_up_inverse_scale, ready.gelu, hidden,
                             w.hidden_stride);  // [T, F]
    trace(i, "ffn.hidden", hidden, T, F, w.hidden_stride);
    kernels.linear(layer.ffn_down, hidden, w.hidden_stride, T, y);  // [T, D]
    trace(i, "ffn.down", y, T, D, D);
    kernels.add_layer_norm(
        x, y, T, D, layer.ffn_norm.gamma, layer.ffn_norm.beta, epsilon,
        last ? chunk.prepared.head_input_inverse_scale : chunk.prepared.layers[i + 1].attention_input_inverse_scale,
        rows_go_on ? input : nullptr, w.input_stride);
    trace(i, "ffn.norm", x, T, D, D);
  }

  if (every_token) return classify(chunk, rows, trace);
  thread_pool.barrier();  // all rows of a text are complete
  pool(chunk, texts, trace);
  classify(chunk, texts, trace);
}

}  // namespace noggin::runtime
