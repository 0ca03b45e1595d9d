// What a Session holds, and how texts are packed into passes; for session.cpp and session_tags.cpp only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/arena.h"
#include "engine/chunk.h"
#include "engine/counters_state.h"
#include "engine/family_ops.h"
#include "engine/forward_device.h"
#include "engine/model_state.h"
#include "engine/task_check.h"
#include "engine/thread_pool.h"
#include "kernels/float_environment.h"
#include "noggin/engine.h"

namespace noggin {

struct Session::State {
  const Model::State* model;
  const runtime::KernelSet* kernels;
  runtime::ChunkLimits limits;
  runtime::Arena arena;
  std::unique_ptr<runtime::ThreadPool> thread_pool;
  std::unique_ptr<runtime::ForwardDevice> device;  // null: the CPU computes
  runtime::TraceSink* trace = nullptr;
  Counters::State* counters = nullptr;  // null: nothing is counted

  const runtime::Workspace& workspace() const { return arena.workspace(); }
  std::size_t classes() const { return model->view.config.classes; }
  TaskKind task() const { return model->view.decision.kind; }
  std::size_t max_tokens() const { return model->view.config.max_tokens; }

  // Writes the ids of `text` into the workspace after `used` others; returns how many.
  std::size_t encode(std::string_view text, std::size_t used = 0) const {
    return model->encode(text, {workspace().token_ids + used, max_tokens()}, {});
  }
  // The same for a text that is answered.
  std::size_t encode_counted(std::string_view text, std::size_t used = 0) const {
    const std::size_t tokens = encode(text, used);
    if (counters != nullptr) {
      const std::span<const std::uint32_t> ids(workspace().token_ids + used, tokens);
      counters->add_text(tokens, special_tokens(), unknown_tokens(ids));
    }
    return tokens;
  }
  // How many of them are the unknown word; n-grams have none.
  std::size_t unknown_tokens(std::span<const std::uint32_t> ids) const {
    if (model->view.config.family == spec::Family::kNgram) return 0;
    return static_cast<std::size_t>(std::count(ids.begin(), ids.end(), model->word_pieces().unknown_id()));
  }
  // [CLS] and [SEP].
  std::size_t special_tokens() const { return model->view.config.family == spec::Family::kNgram ? 0 : 2; }
  // check_call(), its error counted.
  Status check_call(spec::Call call) const {
    Status status = runtime::check_call(call, task());
    if (!status && counters != nullptr) counters->add_error();
    return status;
  }
  // Computes the logits of the texts that the first texts + 1 entries of workspace().text_starts delimit.
  void run(std::size_t texts) const {
    if (device != nullptr && trace == nullptr && device->run(workspace(), texts)) return;
    runtime::TraceSink* const sink = thread_pool->size() == 1 ? trace : nullptr;
    const runtime::Chunk chunk = {model->view, model->prepared, *kernels, workspace(), texts, sink};
    const auto forward = runtime::family_ops(model->view.config.family).forward;
    thread_pool->run([&](std::size_t member) {
      const runtime::FloatEnvironment environment;
      forward(chunk, *thread_pool, member);
    });
  }
  // How many rows of logits [C] these texts have; tokens: of all of them together.
  std::size_t rows_of(std::size_t texts, std::size_t tokens) const {
    return model->view.config.pooling == spec::Pooling::kEveryToken ? tokens : texts;
  }
  std::span<const float> logits_of(std::size_t text) const {
    const std::uint32_t* starts = workspace().text_starts + text;
    return {workspace().logits + rows_of(text, starts[0]) * classes(), rows_of(1, starts[1] - starts[0]) * classes()};
  }
  std::span<const float> run_one(std::size_t tokens) const {
    workspace().text_starts[0] = 0;
    workspace().text_starts[1] = static_cast<std::uint32_t>(tokens);
    run(1);
    return logits_of(0);
  }
  template <typename AddTokens, typename TakeLogits>
  void run_all(std::size_t count, const AddTokens& add_tokens, const TakeLogits& take_logits) const;

  // For models whose head answers every token. emit(const TaggedSpan&) gets each span, in order.
  template <typename Emit>
  void tag(std::string_view text, const Emit& emit) const;
  std::vector<TaggedSpan> spans_of(std::string_view text) const;
};

// Packs `count` texts into as few chunks as the limits allow. add_tokens(i, used) writes the ids of text i after `used`
// others and returns their number, at most max_tokens; take_logits(i, logits) is called for each text in order.
template <typename AddTokens, typename TakeLogits>
void Session::State::run_all(std::size_t count, const AddTokens& add_tokens, const TakeLogits& take_logits) const {
  const runtime::Workspace& w = workspace();
  const std::size_t max_texts = trace == nullptr ? limits.texts : 1;
  std::size_t texts = 0;  // waiting for a chunk
  w.text_starts[0] = 0;
  const auto run_pending = [&](std::size_t end) {
    run(texts);
    for (std::size_t b = 0; b < texts; ++b) take_logits(end - texts + b, logits_of(b));
    texts = 0;
  };
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t used = w.text_starts[texts];
    const std::size_t tokens = add_tokens(i, used);
    if (texts > 0 && (texts == max_texts || used + tokens > limits.tokens)) {  // it goes into the next chunk
      run_pending(i);
      std::memmove(w.token_ids, w.token_ids + used, tokens * sizeof(*w.token_ids));
      used = 0;
    }
    w.text_starts[++texts] = static_cast<std::uint32_t>(used + tokens);
  }
  if (texts > 0) run_pending(count);
}

}  // namespace noggin
