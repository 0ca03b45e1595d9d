#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "bytes/message.h"
#include "engine/answer.h"
#include "engine/self_test.h"
#include "engine/session_state.h"
#include "kernels/float_environment.h"

namespace noggin {
namespace {

Error unknown_kernels(std::string_view wanted) {
  std::string known;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) {
    if (!sets.entries[i].executable) continue;
    if (!known.empty()) known += ", ";
    known += sets.entries[i].kernels->name;
  }
  const char* const quote = wanted.empty() ? "" : "'";
  if (wanted.empty()) wanted = "that NOGGIN_FORCE_ISA names";
  return {ErrorCode::kInvalidArgument, message({"session: the kernel set ", quote, wanted, quote,
                                                " is unknown or cannot run on this machine. Can run here: ", known})};
}

Status check_token_ids(std::span<const std::uint32_t> ids, const spec::ModelConfig& config) {
  const std::size_t min_tokens = spec::min_tokens(config);
  if (ids.size() < min_tokens || ids.size() > config.max_tokens) {
    return Error{ErrorCode::kInvalidArgument, message({"logits: ", ids.size(), " token ids given, must be ", min_tokens,
                                                       " to ", config.max_tokens})};
  }
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (ids[t] < config.vocabulary_size) continue;
    return Error{ErrorCode::kInvalidArgument, message({"logits: token id ", ids[t], " at position ", t,
                                                       " is not below the vocabulary size ", config.vocabulary_size})};
  }
  return {};
}

Status check_options(const SessionOptions& options) {
  if (options.threads < 1 || options.threads > runtime::kMaxThreads) {
    return Error{ErrorCode::kInvalidArgument,
                 message({"session: ", options.threads, " threads requested, must be 1 to ", runtime::kMaxThreads})};
  }
  if (options.batch_tokens > kMostBatchTokens) {
    return Error{ErrorCode::kInvalidArgument,
                 message({"session: batch_tokens is ", options.batch_tokens, ", must be at most ", kMostBatchTokens})};
  }
  return {};
}

Error wrong_logits_size(std::size_t given, std::size_t rows, std::size_t classes) {
  return {ErrorCode::kInvalidArgument, message({"logits: space for ", given, " floats given, ", rows, " rows of ",
                                                classes, " classes need ", rows * classes})};
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<std::size_t> Session::memory_bytes(const Model& model, const SessionOptions& options) {
  if (Status status = check_options(options); !status) return status.error();
  const spec::ModelConfig& config = model.state_->view.config;
  return runtime::Arena::size_bytes(config, runtime::chunk_limits(config, options.batch_tokens, options.threads));
}

Result<Session> Session::create(const Model& model, const SessionOptions& options) {
  return create(model, options, nullptr);
}

Result<Session> Session::create(const Model& model, const SessionOptions& options,
                                std::unique_ptr<runtime::ForwardDevice> device) try {
  if (Status status = check_options(options); !status) return status.error();
  const runtime::KernelSet* kernels = options.kernel_set.empty()
                                          ? runtime::select_kernels()
                                          : runtime::find_kernels(std::string(options.kernel_set).c_str());
  if (kernels == nullptr) return unknown_kernels(options.kernel_set);
  const spec::ModelConfig& config = model.state_->view.config;
  const runtime::ChunkLimits limits =
      device != nullptr ? device->limits() : runtime::chunk_limits(config, options.batch_tokens, options.threads);
  Result<runtime::Arena> arena = runtime::Arena::create(config, limits);
  if (!arena) return arena.error();
  Result<std::unique_ptr<runtime::ThreadPool>> thread_pool = runtime::ThreadPool::create(options.threads);
  if (!thread_pool) return thread_pool.error();
  return Session(std::unique_ptr<State>(
      new State{model.state_.get(), kernels, limits, *std::move(arena), *std::move(thread_pool), std::move(device)}));
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

const char* Session::kernel_set() const {
  return state_->device != nullptr ? state_->device->name() : state_->kernels->name;
}

std::size_t Session::memory_bytes() const { return state_->arena.size_bytes(); }

Result<Answer> Session::classify(std::string_view text) {
  const format::Decision& decision = state_->model->view.decision;
  if (Status status = state_->check_call(spec::Call::kClassify); !status) return status.error();
  const runtime::FloatEnvironment environment;  // for the probability, too
  const Answer answer = runtime::answer_of(state_->run_one(state_->encode_counted(text)), decision);
  if (state_->counters != nullptr) state_->counters->add_decision(answer.label, answer.probability, decision);
  return answer;
}

Result<std::span<const float>> Session::probabilities(std::string_view text) {
  const format::Decision& decision = state_->model->view.decision;
  if (Status status = state_->check_call(spec::Call::kProbabilities); !status) return status.error();
  const runtime::FloatEnvironment environment;
  float* const found = state_->workspace().probabilities;
  runtime::probabilities_of(state_->run_one(state_->encode_counted(text)), decision, found);
  if (state_->counters != nullptr) state_->counters->add_decisions({found, state_->classes()}, decision);
  return std::span<const float>(found, state_->classes());
}

Status Session::classify_batch(std::span<const std::string_view> texts, std::span<Answer> answers,
                               std::span<float> logits) {
  const format::Decision& decision = state_->model->view.decision;
  if (Status status = state_->check_call(spec::Call::kClassify); !status) return status;
  const std::size_t classes = state_->classes();
  if (answers.size() != texts.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 message({"classify: space for ", answers.size(), " answers given for ", texts.size(), " texts"})};
  }
  if (!logits.empty() && logits.size() != texts.size() * classes) {
    return wrong_logits_size(logits.size(), texts.size(), classes);
  }
  const runtime::FloatEnvironment environment;  // for the probabilities, too
  state_->run_all(
      texts.size(), [&](std::size_t i, std::size_t used) { return state_->encode_counted(texts[i], used); },
      [&](std::size_t i, std::span<const float> found) {
        answers[i] = runtime::answer_of(found, decision);
        if (state_->counters != nullptr)
          state_->counters->add_decision(answers[i].label, answers[i].probability, decision);
        if (!logits.empty()) std::copy(found.begin(), found.end(), logits.data() + i * classes);
      });
  return {};
}

std::span<const std::uint32_t> Session::tokenize(std::string_view text) {
  return {state_->workspace().token_ids, state_->encode(text)};
}

Result<std::span<const std::uint32_t>> Session::tokenize(std::string_view text, std::span<TextSpan> spans) {
  if (spans.size() < state_->max_tokens()) {
    return Error{ErrorCode::kInvalidArgument,
                 message({"tokenize: space for ", spans.size(), " spans given, the model's max_tokens is ",
                          state_->max_tokens()})};
  }
  const std::span<std::uint32_t> ids(state_->workspace().token_ids, state_->max_tokens());
  return std::span<const std::uint32_t>(ids.first(state_->model->encode(text, ids, spans.first(ids.size()))));
}

Result<std::span<const float>> Session::logits(std::span<const std::uint32_t> token_ids) {
  if (Status status = check_token_ids(token_ids, state_->model->view.config); !status) return status.error();
  // The ids may be those that tokenize() just returned, hence memmove.
  if (!token_ids.empty()) std::memmove(state_->workspace().token_ids, token_ids.data(), token_ids.size_bytes());
  return state_->run_one(token_ids.size());
}

Status Session::logits_batch(std::span<const std::uint32_t> token_ids, std::span<const std::uint32_t> lengths,
                             std::span<float> logits) {
  std::size_t total = 0;
  for (std::size_t b = 0; b < lengths.size(); total += lengths[b++]) {
    if (lengths[b] > token_ids.size() - total) break;
    const Status status = check_token_ids(token_ids.subspan(total, lengths[b]), state_->model->view.config);
    if (!status) return {{status.error().code, message({"text ", b, ": ", status.error().message})}};
  }
  if (total != token_ids.size()) {
    return Error{ErrorCode::kInvalidArgument,
                 message({"logits: ", token_ids.size(), " token ids given, the lengths add up to another number"})};
  }
  const std::size_t rows = state_->rows_of(lengths.size(), total), classes = state_->classes();
  if (logits.size() != rows * classes) return wrong_logits_size(logits.size(), rows, classes);
  const std::uint32_t* next = token_ids.data();
  float* out = logits.data();
  state_->run_all(
      lengths.size(),
      [&](std::size_t i, std::size_t used) {
        std::copy_n(next, lengths[i], state_->workspace().token_ids + used);
        next += lengths[i];
        return std::size_t{lengths[i]};
      },
      [&](std::size_t, std::span<const float> found) { out = std::copy(found.begin(), found.end(), out); });
  return {};
}

std::span<const float> Session::last_logits() const { return state_->logits_of(0); }

SelfTest Session::self_test() { return runtime::self_test(*this, state_->model->view.golden); }

Status Session::set_counters(Counters* counters) {
  if (counters != nullptr && counters->model_content_hash() != state_->model->view.content_hash) {
    return Error{ErrorCode::kInvalidArgument,
                 "counters: they were created for another model. Fix: create them for the session's"};
  }
  state_->counters = counters == nullptr ? nullptr : counters->state_.get();
  return {};
}

void Session::set_trace(runtime::TraceSink* sink) { state_->trace = sink; }

}  // namespace noggin
