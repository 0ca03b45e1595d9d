#include <cstring>
#include <new>
#include <utility>

#include "engine/answer.h"
#include "engine/arena.h"
#include "kernels/float_environment.h"
#include "engine/forward.h"
#include "engine/model_state.h"
#include "engine/self_test.h"

namespace noggin {

struct Session::State {
  const Model::State* model;
  const runtime::KernelSet* kernels;
  runtime::Arena arena;
  runtime::TraceSink* trace = nullptr;

  // Ids of `text` into the workspace; how many.
  std::size_t encode(std::string_view text) const {
    return model->tokenizer.encode(text, {arena.workspace().token_ids, model->view.config.max_tokens});
  }
  std::span<const float> forward(std::size_t tokens) const {
    return runtime::forward(model->view, model->prepared, *kernels, arena.workspace(), tokens, trace);
  }
};

namespace {

Error unknown_kernels(std::string_view wanted) {
  std::string known;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) {
    if (!sets.entries[i].executable) continue;
    known += (known.empty() ? "" : ", ") + std::string(sets.entries[i].kernels->name);
  }
  const std::string name = wanted.empty() ? "that NOGGIN_FORCE_ISA names" : "'" + std::string(wanted) + "'";
  return {ErrorCode::kInvalidArgument,
          "session: the kernel set " + name + " is unknown or cannot run on this machine. Can run here: " + known};
}

Status check_token_ids(std::span<const std::uint32_t> ids, const spec::ModelConfig& config) {
  if (ids.empty() || ids.size() > config.max_tokens) {
    return Error{ErrorCode::kInvalidArgument, "logits: " + std::to_string(ids.size()) + " token ids given, must be 1 to " +
                                                  std::to_string(config.max_tokens)};
  }
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (ids[t] < config.vocabulary_size) continue;
    return Error{ErrorCode::kInvalidArgument, "logits: token id " + std::to_string(ids[t]) + " at position " +
                                                  std::to_string(t) + " is not below the vocabulary size " +
                                                  std::to_string(config.vocabulary_size)};
  }
  return {};
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Model& model, std::string_view kernel_set) try {
  const runtime::KernelSet* kernels =
      kernel_set.empty() ? runtime::select_kernels() : runtime::find_kernels(std::string(kernel_set).c_str());
  if (kernels == nullptr) return unknown_kernels(kernel_set);
  Result<runtime::Arena> arena = runtime::Arena::create(model.state_->view.config);
  if (!arena) return arena.error();
  return Session(std::unique_ptr<State>(new State{model.state_.get(), kernels, *std::move(arena)}));
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

const char* Session::kernel_set() const { return state_->kernels->name; }

std::size_t Session::memory_bytes() const { return state_->arena.size_bytes(); }

Answer Session::classify(std::string_view text) {
  const runtime::FloatEnvironment environment;
  return runtime::classification_answer(state_->forward(state_->encode(text)));
}

std::span<const std::uint32_t> Session::tokenize(std::string_view text) {
  return {state_->arena.workspace().token_ids, state_->encode(text)};
}

Result<std::span<const float>> Session::logits(std::span<const std::uint32_t> token_ids) {
  if (Status status = check_token_ids(token_ids, state_->model->view.config); !status) return status.error();
  const runtime::FloatEnvironment environment;
  // The ids may be those that tokenize() just returned, hence memmove.
  std::memmove(state_->arena.workspace().token_ids, token_ids.data(), token_ids.size_bytes());
  return state_->forward(token_ids.size());
}

std::span<const float> Session::last_logits() const {
  return {state_->arena.workspace().logits, state_->model->view.config.classes};
}

SelfTest Session::self_test() { return runtime::self_test(*this, state_->model->view.golden); }

void Session::set_trace(runtime::TraceSink* sink) { state_->trace = sink; }

}  // namespace noggin
