// The answers of a tagger's session: spans, and texts made from them.
#include <algorithm>
#include <new>
#include <vector>

#include "engine/session_state.h"
#include "engine/span_text.h"
#include "engine/tag_text.h"

namespace noggin {
namespace {

template <typename Work>
Result<std::string> string_of(const Work& work) try {
  return work();
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

}  // namespace

// emit(const TaggedSpan&) gets each span, in order.
template <typename Emit>
void Session::State::tag(std::string_view text, const Emit& emit) const {
  const runtime::FloatEnvironment environment;
  const format::Decision& decision = model->view.decision;
  const runtime::TagRules rules = {model->word_pieces(), model->view.tags, decision.temperature, max_tokens(),
                                   decision.checks};
  const std::span<std::byte> scratch(workspace().tag_scratch, runtime::tag_scratch_bytes(classes(), max_tokens()));
  std::size_t tokens = 0, unknown = 0, windows = 0, spans = 0;
  const auto logits_of_window = [&](std::span<const std::uint32_t> ids) {
    std::copy(ids.begin(), ids.end(), workspace().token_ids);
    if (counters != nullptr) {
      tokens += ids.size();
      unknown += unknown_tokens(ids);
      ++windows;
    }
    return run_one(ids.size());
  };
  const auto counted = [&](const TaggedSpan& span) {
    if (counters != nullptr) counters->add_answer(span.type, span.probability);
    ++spans;
    emit(span);
  };
  runtime::tag_text(rules, text, scratch, logits_of_window, counted);
  if (counters == nullptr) return;
  counters->add_text(tokens, windows * special_tokens(), unknown);
  if (spans == 0) counters->add_unanswered(0.0F);
}

std::vector<TaggedSpan> Session::State::spans_of(std::string_view text) const {
  std::vector<TaggedSpan> spans;
  tag(text, [&](const TaggedSpan& span) { spans.push_back(span); });
  return spans;
}

Result<std::size_t> Session::tag(std::string_view text, std::span<TaggedSpan> buffer) {
  const Status status = state_->check_call(spec::Call::kTag);
  if (!status) return status.error();
  std::size_t count = 0;
  state_->tag(text, [&](const TaggedSpan& span) {
    if (count < buffer.size()) buffer[count] = span;
    ++count;
  });
  return count;
}

Result<std::size_t> Session::mask(std::string_view text, std::span<char> buffer) {
  if (Status status = state_->check_call(spec::Call::kMask); !status) return status.error();
  runtime::ResultBuffer result(buffer);
  runtime::MaskWriter writer(text, state_->model->view.tags.types, result);
  state_->tag(text, [&](const TaggedSpan& span) { writer.span(span); });
  writer.finish();
  return result.size();
}

Result<std::size_t> Session::edit(std::string_view text, std::span<char> buffer) {
  if (Status status = state_->check_call(spec::Call::kEdit); !status) return status.error();
  runtime::ResultBuffer result(buffer);
  runtime::EditWriter writer(text, result);
  state_->tag(text, [&](const TaggedSpan& span) { writer.span(span); });
  writer.finish();
  return result.size();
}

Result<std::string> Session::mask(std::string_view text) {
  if (Status status = state_->check_call(spec::Call::kMask); !status) return status.error();
  return string_of([&] { return runtime::masked_text(text, state_->spans_of(text), state_->model->view.tags.types); });
}

Result<std::string> Session::edit(std::string_view text) {
  if (Status status = state_->check_call(spec::Call::kEdit); !status) return status.error();
  return string_of([&] { return runtime::edited_text(text, state_->spans_of(text)); });
}

}  // namespace noggin
